package io.github.gracefulshutdown.batch;

import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.gracefulshutdown.tracking.ProxyTargets;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.batch.core.job.AbstractJob;
import org.springframework.batch.core.step.AbstractStep;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Ensures that the executions of job beans are tracked, through listeners. The beans are
 * not replaced.
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
	 * @param workload where executions are tracked, created with the first of them
	 * @param excluded decides by its name whether a job is left alone
	 */
	public BatchBeanPostProcessor(Supplier<BatchWorkload> workload, Predicate<String> excluded) {
		this.workload = workload;
		this.excluded = excluded;
		this.stepListener = new StepListener(workload);
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		Object target = ProxyTargets.find(bean);
		if (target instanceof AbstractStep step) {
			step.registerStepExecutionListener(this.stepListener);
		}
		else if (target instanceof AbstractJob job && !this.excluded.test(beanName)) {
			job.registerJobExecutionListener(new JobListener(this.workload, job));
			listenToSteps(job, beanName);
		}
		return bean;
	}

	// Most steps are not beans
	private void listenToSteps(AbstractJob job, String beanName) {
		try {
			for (String name : job.getStepNames()) {
				if (ProxyTargets.find(job.getStep(name)) instanceof AbstractStep step) {
					step.registerStepExecutionListener(this.stepListener);
				}
			}
		}
		catch (RuntimeException ex) {
			// For example steps in the scope of the job, which do not exist yet
			logger.debug("Steps of job '%s' cannot be listened to before they are beans".formatted(beanName), ex);
		}
	}

}
