package io.github.gracefulshutdown.job;

import java.util.function.Function;

import org.aopalliance.aop.Advice;
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
 * Brings the interceptors of a bean with jobs into order: submission, {@code @Async},
 * run, and then all others, such as retries and transactions, which are part of the run.
 * {@code @Async} methods are jobs without an annotation too: their proxies get the
 * interceptors here, and no bean gets a proxy for that. Deliberately not {@code Ordered},
 * so that it comes after all post-processors that add interceptors to the proxy.
 *
 * @author The Graceful Shutdown authors
 */
final class JobAdviceArranger implements BeanPostProcessor {

	private final PointcutAdvisor run;

	private final boolean allAsync;

	private final Function<AsyncExecutionInterceptor, Advice> submission;

	/**
	 * Create an arranger.
	 * @param run tracks the run of a job
	 * @param allAsync whether each {@code @Async} method is a job
	 * @param submission creates the advice that comes before the one of {@code @Async}
	 */
	JobAdviceArranger(PointcutAdvisor run, boolean allAsync, Function<AsyncExecutionInterceptor, Advice> submission) {
		this.run = run;
		this.allAsync = allAsync;
		this.submission = submission;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof Advised advised && !advised.isFrozen()) {
			boolean jobs = advised.removeAdvisor(this.run);
			PointcutAdvisor async = findAsync(advised);
			if (async != null && (jobs || this.allAsync)) {
				arrange(advised, async);
			}
			else if (jobs) {
				advised.addAdvisor(0, this.run);
			}
		}
		return bean;
	}

	private void arrange(Advised advised, PointcutAdvisor async) {
		Pointcut jobs = this.run.getPointcut();
		int index = advised.indexOf(async);
		advised.addAdvisor(index + 1, this.allAsync
				? new DefaultPointcutAdvisor(union(jobs, async.getPointcut()), this.run.getAdvice()) : this.run);
		advised.addAdvisor(0,
				new DefaultPointcutAdvisor(
						this.allAsync ? async.getPointcut() : intersection(jobs, async.getPointcut()),
						this.submission.apply((AsyncExecutionInterceptor) async.getAdvice())));
	}

	private static Pointcut union(Pointcut one, Pointcut other) {
		return new ComposablePointcut(one).union(other);
	}

	private static Pointcut intersection(Pointcut one, Pointcut other) {
		return new ComposablePointcut(one).intersection(other);
	}

	private @Nullable PointcutAdvisor findAsync(Advised advised) {
		for (Advisor advisor : advised.getAdvisors()) {
			if (advisor instanceof PointcutAdvisor async && advisor.getAdvice() instanceof AsyncExecutionInterceptor) {
				return async;
			}
		}
		return null;
	}

}
