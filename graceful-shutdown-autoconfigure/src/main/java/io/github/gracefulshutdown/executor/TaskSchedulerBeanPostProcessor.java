package io.github.gracefulshutdown.executor;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.gracefulshutdown.tracking.ProxyTargets;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * Ensures that the tasks of Spring's schedulers are tracked, through their decorator.
 *
 * @author The Graceful Shutdown authors
 */
public final class TaskSchedulerBeanPostProcessor implements BeanPostProcessor {

	private static final Log logger = LogFactory.getLog(TaskSchedulerBeanPostProcessor.class);

	private final Supplier<ScheduleWorkload> workload;

	private final Predicate<String> excluded;

	/**
	 * Create a post-processor.
	 * @param workload where tasks are tracked, created with the first scheduler
	 * @param excluded decides by its name whether a scheduler is left alone
	 */
	public TaskSchedulerBeanPostProcessor(Supplier<ScheduleWorkload> workload, Predicate<String> excluded) {
		this.workload = workload;
		this.excluded = excluded;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		String name = ProxyTargets.originalName(beanName);
		Object target = ProxyTargets.find(bean);
		if (target instanceof TaskScheduler && !this.excluded.test(name)) {
			try {
				track(target, name);
			}
			catch (RuntimeException ex) {
				logger.warn("The tasks of scheduler '%s' cannot be tracked".formatted(name), ex);
			}
		}
		return bean;
	}

	private void track(Object target, String name) {
		if (target instanceof ThreadPoolTaskScheduler scheduler && !removesCancelledTasks(scheduler)) {
			PoolTicks ticks = new PoolTicks(this.workload.get(), name);
			Decorators.add(ThreadPoolTaskScheduler.class, scheduler, scheduler::setTaskDecorator, name, ticks::track);
		}
		else if (target instanceof SimpleAsyncTaskScheduler scheduler) {
			AsyncTicks ticks = this.workload.get().track(scheduler, name);
			Decorators.add(SimpleAsyncTaskExecutor.class, scheduler, scheduler::setTaskDecorator, name, ticks::track);
		}
	}

	// The scheduler would not find its cancelled tasks any more if they were decorated
	private static boolean removesCancelledTasks(ThreadPoolTaskScheduler scheduler) {
		return scheduler.getScheduledExecutor() instanceof ScheduledThreadPoolExecutor executor
				&& executor.getRemoveOnCancelPolicy();
	}

}
