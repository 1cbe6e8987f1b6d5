package io.github.gracefulshutdown.autoconfigure;

import java.util.List;
import java.util.concurrent.Executor;

import io.github.gracefulshutdown.drain.DefaultGracefulShutdown;
import io.github.gracefulshutdown.job.BackgroundJobBeanPostProcessor;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.DefaultBackgroundJobs;
import io.github.gracefulshutdown.job.JobWorkload;
import io.github.gracefulshutdown.job.PublisherTracker;
import io.github.gracefulshutdown.tracking.InFlight;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.annotation.AsyncAnnotationBeanPostProcessor;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for background jobs.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
public final class BackgroundJobAutoConfiguration {

	@Bean
	JobWorkload jobWorkload(InFlight inFlight, DefaultGracefulShutdown shutdown) {
		return new JobWorkload(inFlight, shutdown, GracefulShutdownAutoConfiguration.CLOCK);
	}

	/**
	 * On Boot's task executor, or the one that {@code @Async} would use in its place, or
	 * a thread for each.
	 * @param workload where jobs are tracked
	 * @param beanFactory where the executor is looked for
	 * @param observations where jobs are observed
	 * @return the jobs by hand
	 */
	@Bean
	BackgroundJobs backgroundJobs(JobWorkload workload, BeanFactory beanFactory,
			ObjectProvider<ObservationRegistry> observations) {
		return new DefaultBackgroundJobs(workload, SingletonSupplier.of(() -> findExecutor(beanFactory)),
				SingletonSupplier.of(() -> observations.getIfUnique(() -> ObservationRegistry.NOOP)));
	}

	private static Executor findExecutor(BeanFactory beanFactory) {
		for (String name : List.of(TaskExecutionAutoConfiguration.APPLICATION_TASK_EXECUTOR_BEAN_NAME,
				AsyncAnnotationBeanPostProcessor.DEFAULT_TASK_EXECUTOR_BEAN_NAME)) {
			if (beanFactory.containsBean(name)) {
				return beanFactory.getBean(name, Executor.class);
			}
		}
		return beanFactory.getBeanProvider(TaskExecutor.class)
			.getIfUnique(() -> new SimpleAsyncTaskExecutor("background-job-"));
	}

	@Bean
	static BackgroundJobBeanPostProcessor backgroundJobBeanPostProcessor(ObjectProvider<JobWorkload> workload,
			ObjectProvider<ObservationRegistry> observations, ObjectProvider<PublisherTracker> publishers) {
		return new BackgroundJobBeanPostProcessor(SingletonSupplier.of(workload::getObject),
				SingletonSupplier.of(() -> observations.getIfUnique(() -> ObservationRegistry.NOOP)),
				publishers::getIfAvailable);
	}

	@Bean
	static BeanPostProcessor jobAdviceArranger(BackgroundJobBeanPostProcessor postProcessor) {
		return postProcessor.arranger();
	}

}
