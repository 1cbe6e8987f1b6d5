package io.github.gracefulshutdown.executor;

import java.util.Map;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import io.github.gracefulshutdown.InFlight;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.scheduling.config.ScheduledTaskHolder;

/**
 * The schedules: from the signal on no tick begins any more, and those that run are
 * waited for. So is what a scheduler is to run at once.
 *
 * @author The Graceful Shutdown authors
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 3)
public final class ScheduleWorkload extends ExecutorWorkload {

	private final ListableBeanFactory beanFactory;

	private final Predicate<String> excluded;

	private final AtomicInteger stopping = new AtomicInteger();

	private volatile boolean stopped;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param beanFactory where the schedules are looked for, not before they are needed
	 * @param excluded tells by its name whether a scheduler is left alone
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public ScheduleWorkload(InFlight inFlight, ListableBeanFactory beanFactory, Predicate<String> excluded,
			LongSupplier clock) {
		super("schedules", inFlight, clock);
		this.beanFactory = beanFactory;
		this.excluded = excluded;
	}

	@Override
	Runnable track(String scheduler, Runnable submitted, Runnable code) {
		if (submitted instanceof RunnableScheduledFuture<?> future
				&& (future.isPeriodic() || future.getDelay(TimeUnit.NANOSECONDS) > 0)) {
			return () -> runScheduled(scheduler, future, code);
		}
		return super.track(scheduler, submitted, code);
	}

	// What is due after the signal is not waited for. If it is not periodic, it may be a
	// tick of a trigger, or a task that something in flight waits for
	private void runScheduled(String scheduler, RunnableScheduledFuture<?> future, Runnable code) {
		Task task = new Task(this, scheduler);
		if (!this.stopped && admitIfOpen(task)) {
			new Task.Tracked(task, future, code).run();
		}
		else if (!future.isPeriodic()) {
			code.run();
		}
	}

	@Override
	public void stopAccepting() {
		this.stopped = true;
		beans(ScheduledTaskHolder.class).values()
			.forEach((holder) -> holder.getScheduledTasks().forEach((task) -> task.cancel(false)));
		beans(SimpleAsyncTaskScheduler.class).forEach((name, scheduler) -> {
			if (!this.excluded.test(name)) {
				this.stopping.incrementAndGet();
				scheduler.stop(this.stopping::decrementAndGet);
			}
		});
	}

	private <T> Map<String, T> beans(Class<T> type) {
		return this.beanFactory.getBeansOfType(type, false, false);
	}

	@Override
	public long getInFlight() {
		return super.getInFlight() + this.stopping.get();
	}

}
