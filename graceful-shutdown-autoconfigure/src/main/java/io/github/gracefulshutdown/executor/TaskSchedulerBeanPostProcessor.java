package io.github.gracefulshutdown.executor;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * Sees to it that what schedulers run is tracked.
 *
 * @author The Graceful Shutdown authors
 */
public final class TaskSchedulerBeanPostProcessor implements BeanPostProcessor {

	private static final Log logger = LogFactory.getLog(TaskSchedulerBeanPostProcessor.class);

	private final Supplier<ScheduleWorkload> workload;

	private final Predicate<String> excluded;

	/**
	 * Create a post-processor.
	 * @param workload where ticks are tracked, asked for when there is a scheduler
	 * @param excluded tells by its name whether a scheduler is left alone
	 */
	public TaskSchedulerBeanPostProcessor(Supplier<ScheduleWorkload> workload, Predicate<String> excluded) {
		this.workload = workload;
		this.excluded = excluded;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		String name = ProxyTargets.originalName(beanName);
		if (ProxyTargets.find(bean) instanceof ThreadPoolTaskScheduler scheduler && !this.excluded.test(name)) {
			try {
				track(scheduler, name);
			}
			catch (RuntimeException ex) {
				logger.warn("The ticks of scheduler '%s' cannot be tracked".formatted(name), ex);
			}
		}
		return bean;
	}

	private void track(ThreadPoolTaskScheduler scheduler, String name) {
		if (!removesCancelledTasks(scheduler)) {
			ScheduleWorkload workload = this.workload.get();
			Decorators.add(ThreadPoolTaskScheduler.class, scheduler, scheduler::setTaskDecorator, name,
					(task, code) -> workload.track(scheduler, name, task, code));
		}
	}

	// It would not find them any more if they were decorated
	private static boolean removesCancelledTasks(ThreadPoolTaskScheduler scheduler) {
		return scheduler.getScheduledExecutor() instanceof ScheduledThreadPoolExecutor executor
				&& executor.getRemoveOnCancelPolicy();
	}

}
