package io.github.gracefulshutdown.batch;

import java.util.function.Predicate;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.batch.core.job.AbstractJob;
import org.springframework.batch.core.step.AbstractStep;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Sees to it that the executions of job beans are tracked, through listeners: the beans
 * stay what they are.
 *
 * @author The Graceful Shutdown authors
 */
public final class BatchBeanPostProcessor implements BeanPostProcessor {

	private static final Log logger = LogFactory.getLog(BatchBeanPostProcessor.class);

	private final Supplier<BatchWorkload> workload;

	private final Predicate<String> excluded;

	private final StepListener stepListener;

	/**
	 * Create a post-processor.
	 * @param workload where executions are tracked, asked for when there is one
	 * @param excluded tells by its name whether a job is left alone
	 */
	public BatchBeanPostProcessor(Supplier<BatchWorkload> workload, Predicate<String> excluded) {
		this.workload = workload;
		this.excluded = excluded;
		this.stepListener = new StepListener(workload);
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		Object target = findTarget(bean);
		if (target instanceof AbstractStep step) {
			step.registerStepExecutionListener(this.stepListener);
		}
		else if (target instanceof AbstractJob job && !this.excluded.test(beanName)) {
			job.registerJobExecutionListener(new JobListener(this.workload, job));
			listenToSteps(job, beanName);
		}
		return bean;
	}

	// Most steps are not beans of their own
	private void listenToSteps(AbstractJob job, String beanName) {
		try {
			for (String name : job.getStepNames()) {
				if (findTarget(job.getStep(name)) instanceof AbstractStep step) {
					step.registerStepExecutionListener(this.stepListener);
				}
			}
		}
		catch (RuntimeException ex) {
			// Such as steps in the scope of the job, which are not there yet
			logger.debug("Steps of job '%s' cannot be listened to before they are beans".formatted(beanName), ex);
		}
	}

	private static @Nullable Object findTarget(@Nullable Object bean) {
		return (bean != null && AopUtils.isAopProxy(bean)) ? AopProxyUtils.getSingletonTarget(bean) : bean;
	}

}
