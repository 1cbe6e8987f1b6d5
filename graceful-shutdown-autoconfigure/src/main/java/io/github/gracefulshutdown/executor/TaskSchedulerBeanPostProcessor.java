package io.github.gracefulshutdown.executor;

import java.lang.reflect.Field;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.ConcurrentTaskScheduler;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.util.ReflectionUtils;

/**
 * Ensures that the tasks of schedulers are tracked: through the decorator of Spring's
 * schedulers, and by a proxy in the place of the JDK's, which are known by their
 * interface.
 *
 * @author The Graceful Shutdown authors
 */
public final class TaskSchedulerBeanPostProcessor extends TrackingBeanPostProcessor {

	private final Supplier<ScheduleWorkload> workload;

	/**
	 * Create a post-processor.
	 * @param workload where tasks are tracked, created with the first scheduler
	 * @param excluded decides by its name whether a scheduler is left alone
	 */
	public TaskSchedulerBeanPostProcessor(Supplier<ScheduleWorkload> workload, Predicate<String> excluded) {
		super(excluded);
		this.workload = workload;
	}

	@Override
	boolean isResponsible(Object target) {
		return target instanceof TaskScheduler || target instanceof ScheduledExecutorService;
	}

	@Override
	ExecutorWorkload workload() {
		return this.workload.get();
	}

	@Override
	boolean track(Object target, String name) {
		if (target instanceof ThreadPoolTaskScheduler scheduler) {
			// Spring waits for the others
			if (!removesCancelledTasks(scheduler)) {
				Decorators.add(ThreadPoolTaskScheduler.class, scheduler, scheduler::setTaskDecorator, name,
						() -> new PoolTicks(this.workload.get(), name)::track);
			}
			return true;
		}
		if (target instanceof SimpleAsyncTaskScheduler scheduler) {
			Decorators.add(SimpleAsyncTaskExecutor.class, scheduler, scheduler::setTaskDecorator, name,
					() -> this.workload.get().track(scheduler, name)::track);
			return true;
		}
		return target instanceof ConcurrentTaskScheduler scheduler && track(scheduler, name);
	}

	// Its executors are usually not beans. One of them cannot be read without its field
	private boolean track(ConcurrentTaskScheduler scheduler, String name) {
		Field field = ReflectionUtils.findField(ConcurrentTaskScheduler.class, "scheduledExecutor");
		if (field == null) {
			return false;
		}
		ReflectionUtils.makeAccessible(field);
		if (!(ReflectionUtils.getField(field, scheduler) instanceof ScheduledExecutorService executor)) {
			return false;
		}
		Executor concurrent = scheduler.getConcurrentExecutor();
		if (!TrackingProxy.isTracking(executor)) {
			ScheduledExecutorService tracking = (ScheduledExecutorService) TrackingProxy.create(executor, name,
					this.workload.get());
			scheduler.setScheduledExecutor(tracking);
			if (concurrent == executor) {
				scheduler.setConcurrentExecutor(tracking);
			}
			else if (!TrackingProxy.isTracking(concurrent)) {
				scheduler.setConcurrentExecutor((Executor) TrackingProxy.create(concurrent, name, this.workload.get()));
			}
		}
		return true;
	}

	// The scheduler would not find its cancelled tasks any more if they were decorated
	private static boolean removesCancelledTasks(ThreadPoolTaskScheduler scheduler) {
		return scheduler.getScheduledExecutor() instanceof ScheduledThreadPoolExecutor executor
				&& executor.getRemoveOnCancelPolicy();
	}

}
