package io.github.gracefulshutdown.autoconfigure;

import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.Executor;

import io.github.gracefulshutdown.drain.DefaultGracefulShutdown;
import io.github.gracefulshutdown.durable.DurableJob;
import io.github.gracefulshutdown.durable.InvalidDurableJobException;
import io.github.gracefulshutdown.job.BackgroundJobBeanPostProcessor;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.DefaultBackgroundJobs;
import io.github.gracefulshutdown.job.JobTracking;
import io.github.gracefulshutdown.job.JobWorkload;
import io.github.gracefulshutdown.job.PublisherTracker;
import io.github.gracefulshutdown.job.StartTracker;
import io.github.gracefulshutdown.tracking.DroppedTickets;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.annotation.AsyncAnnotationBeanPostProcessor;
import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for background jobs.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
public final class BackgroundJobAutoConfiguration {

	/**
	 * In the order in which they are looked for.
	 */
	private static final List<String> EXECUTOR_BEAN_NAMES = List.of("backgroundJobExecutor",
			TaskExecutionAutoConfiguration.APPLICATION_TASK_EXECUTOR_BEAN_NAME,
			AsyncAnnotationBeanPostProcessor.DEFAULT_TASK_EXECUTOR_BEAN_NAME);

	@Bean
	JobWorkload drainJobWorkload(InFlight inFlight, DroppedTickets tickets, DefaultGracefulShutdown shutdown) {
		return new JobWorkload(inFlight, tickets, shutdown, DrainClock.MONOTONIC);
	}

	@Bean
	@ConditionalOnBooleanProperty(name = "graceful-shutdown.jobs.track-runners", matchIfMissing = true)
	StartTracker drainStartTracker(JobWorkload workload) {
		return new StartTracker(workload);
	}

	@Bean
	@ConditionalOnBooleanProperty(name = "graceful-shutdown.jobs.interrupt", havingValue = false)
	SmartInitializingSingleton drainInterruptSwitch(ObjectProvider<TrackedWorkload<?>> workloads) {
		return () -> workloads.forEach((workload) -> workload.setInterrupting(false));
	}

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	BackgroundJobs drainBackgroundJobs(JobWorkload workload, BeanFactory beanFactory,
			ObjectProvider<ObservationRegistry> observations) {
		return new DefaultBackgroundJobs(workload, SingletonSupplier.of(() -> findExecutor(beanFactory)),
				JobObservationRegistry.from(observations));
	}

	private static Executor findExecutor(BeanFactory beanFactory) {
		for (String name : EXECUTOR_BEAN_NAMES) {
			if (beanFactory.containsBean(name)) {
				return beanFactory.getBean(name, Executor.class);
			}
		}
		return beanFactory.getBeanProvider(TaskExecutor.class)
			.getIfUnique(() -> new SimpleAsyncTaskExecutor("background-job-"));
	}

	@Bean
	static BackgroundJobBeanPostProcessor drainBackgroundJobBeanPostProcessor(ObjectProvider<JobWorkload> workload,
			ObjectProvider<ObservationRegistry> observations, ObjectProvider<PublisherTracker> publishers,
			ObjectProvider<GracefulShutdownProperties> properties, Environment environment,
			ResourceLoader resourceLoader) {
		BackgroundJobBeanPostProcessor postProcessor = new BackgroundJobBeanPostProcessor(
				SingletonSupplier.of(workload::getObject), JobObservationRegistry.from(observations),
				publishers::getIfAvailable,
				new JobTracking(isTrue(environment, "graceful-shutdown.jobs.track-async"),
						isTrue(environment, "graceful-shutdown.jobs.track-scheduled"),
						ExcludedBeans.fromJobs(properties)));
		String problem = OnDurableJobs.findProblem(environment, resourceLoader.getClassLoader());
		postProcessor.setCheckedElsewhere((method, beanName) -> isDurable(method, beanName, problem));
		return postProcessor;
	}

	// It would silently be a job that is lost
	private static boolean isDurable(Method method, String beanName, @Nullable String problem) {
		boolean durable = AnnotatedElementUtils.hasAnnotation(method, DurableJob.class);
		if (durable && problem != null) {
			throw new InvalidDurableJobException("%s of bean '%s' cannot be a @DurableJob: %s."
				.formatted(ClassUtils.getQualifiedMethodName(method), beanName, problem),
					"Add graceful-shutdown-durable-starter.");
		}
		return durable;
	}

	// Bean post-processors must not create the properties early
	private static boolean isTrue(Environment environment, String property) {
		return environment.getProperty(property, Boolean.class, true);
	}

	@Bean
	static BeanPostProcessor drainJobAdviceArranger(BackgroundJobBeanPostProcessor postProcessor) {
		return postProcessor.arranger();
	}

}
