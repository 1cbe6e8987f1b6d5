package io.github.gracefulshutdown.autoconfigure;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

import io.github.gracefulshutdown.drain.DefaultGracefulShutdown;
import io.github.gracefulshutdown.executor.ExecutorBeanPostProcessor;
import io.github.gracefulshutdown.executor.PoolWorkload;
import io.github.gracefulshutdown.executor.ScheduleGate;
import io.github.gracefulshutdown.executor.ScheduleWorkload;
import io.github.gracefulshutdown.executor.TaskSchedulerBeanPostProcessor;
import io.github.gracefulshutdown.executor.TaskWorkload;
import io.github.gracefulshutdown.tracking.DroppedTickets;
import io.github.gracefulshutdown.tracking.InFlight;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.support.TaskExecutorAdapter;
import org.springframework.scheduling.concurrent.ConcurrentTaskExecutor;
import org.springframework.scheduling.concurrent.ConcurrentTaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.util.ConcurrencyThrottleSupport;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for executors and schedulers.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
public final class ExecutorDrainAutoConfiguration {

	/**
	 * The tasks of executors.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "graceful-shutdown.jobs.track-async", matchIfMissing = true)
	@ImportRuntimeHints(DecoratorRuntimeHints.class)
	static final class TaskConfiguration {

		@Bean
		TaskWorkload drainTaskWorkload(InFlight inFlight, DroppedTickets tickets) {
			return new TaskWorkload(inFlight, tickets, DrainClock.MONOTONIC);
		}

		@Bean
		PoolWorkload drainPoolWorkload(InFlight inFlight, GracefulShutdownProperties properties) {
			PoolWorkload pools = new PoolWorkload(inFlight, DrainClock.MONOTONIC);
			if (properties.getJobs().isTrackCommonPool()) {
				pools.addCommonPool();
			}
			return pools;
		}

		@Bean
		static ExecutorBeanPostProcessor drainExecutorBeanPostProcessor(ObjectProvider<TaskWorkload> tasks,
				ObjectProvider<PoolWorkload> pools, ObjectProvider<GracefulShutdownProperties> properties) {
			return new ExecutorBeanPostProcessor(SingletonSupplier.of(tasks::getObject),
					SingletonSupplier.of(pools::getObject), ExcludedBeans.fromJobs(properties));
		}

	}

	/**
	 * The schedules.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "graceful-shutdown.jobs.track-scheduled", matchIfMissing = true)
	@ImportRuntimeHints(DecoratorRuntimeHints.class)
	static final class ScheduleConfiguration {

		@Bean
		ScheduleWorkload drainScheduleWorkload(InFlight inFlight, DroppedTickets tickets,
				ConfigurableListableBeanFactory beanFactory, DefaultGracefulShutdown shutdown) {
			return new ScheduleWorkload(inFlight, tickets, beanFactory, shutdown, DrainClock.MONOTONIC);
		}

		@Bean
		static TaskSchedulerBeanPostProcessor drainSchedulerBeanPostProcessor(ObjectProvider<ScheduleWorkload> workload,
				ObjectProvider<GracefulShutdownProperties> properties) {
			return new TaskSchedulerBeanPostProcessor(SingletonSupplier.of(workload::getObject),
					ExcludedBeans.fromJobs(properties));
		}

		@Bean
		static ScheduleGate drainScheduleGate(ObjectProvider<ScheduleWorkload> workload,
				ConfigurableListableBeanFactory beanFactory) {
			return new ScheduleGate(SingletonSupplier.of(workload::getObject), beanFactory);
		}

	}

	/**
	 * The decorator of an executor, and its permits in use, can only be read from fields.
	 */
	static class DecoratorRuntimeHints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.reflection()
				.registerTypes(TypeReference.listOf(SimpleAsyncTaskExecutor.class, ThreadPoolTaskExecutor.class,
						ThreadPoolTaskScheduler.class), (type) -> type.withField("taskDecorator"))
				.registerType(SimpleAsyncTaskExecutor.class,
						(type) -> type.withField("concurrencyThrottle").withField("rejectTasksWhenLimitReached"))
				.registerTypes(TypeReference.listOf(ConcurrentTaskExecutor.class, TaskExecutorAdapter.class),
						(type) -> type.withField("taskDecorator"))
				.registerType(ConcurrentTaskScheduler.class, (type) -> type.withField("scheduledExecutor"))
				.registerType(SimpleApplicationEventMulticaster.class, (type) -> type.withField("taskExecutor"))
				.registerType(ConcurrencyThrottleSupport.class, (type) -> type.withField("concurrencyCount"));
			hints.proxies()
				.registerJdkProxy(Executor.class)
				.registerJdkProxy(ExecutorService.class)
				.registerJdkProxy(ScheduledExecutorService.class, ExecutorService.class)
				.registerJdkProxy(AsyncTaskExecutor.class);
		}

	}

}
