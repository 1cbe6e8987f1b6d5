package io.github.gracefulshutdown.job;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.Pointcut;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.interceptor.AsyncExecutionInterceptor;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Brings the interceptors of a bean with {@link BackgroundJob} methods into order:
 * submission, {@code @Async}, run, and then all others, such as retries and transactions,
 * which are part of the run. Deliberately not {@code Ordered}, so that it comes after all
 * post-processors that add interceptors to the proxy.
 *
 * @author The Graceful Shutdown authors
 */
final class JobAdviceArranger implements BeanPostProcessor {

	private final Advisor run;

	private final JobSubmissionInterceptor submission;

	JobAdviceArranger(Advisor run, JobSubmissionInterceptor submission) {
		this.run = run;
		this.submission = submission;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof Advised advised && !advised.isFrozen() && advised.removeAdvisor(this.run)) {
			PointcutAdvisor async = findAsync(advised);
			advised.addAdvisor((async != null) ? advised.indexOf(async) + 1 : 0, this.run);
			if (async != null) {
				advised.addAdvisor(0,
						new DefaultPointcutAdvisor(new ComposablePointcut((Pointcut) new BackgroundJobPointcut())
							.intersection(async.getPointcut()), this.submission));
			}
		}
		return bean;
	}

	private @Nullable PointcutAdvisor findAsync(Advised advised) {
		return (PointcutAdvisor) Arrays.stream(advised.getAdvisors())
			.filter((advisor) -> advisor instanceof PointcutAdvisor
					&& advisor.getAdvice() instanceof AsyncExecutionInterceptor)
			.findFirst()
			.orElse(null);
	}

}
