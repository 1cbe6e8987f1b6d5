package io.github.gracefulshutdown.executor;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import io.github.gracefulshutdown.InFlight;
import io.github.gracefulshutdown.WorkState;

import org.springframework.beans.factory.config.SingletonBeanRegistry;
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

	private final SingletonBeanRegistry singletons;

	private final Predicate<String> excluded;

	private volatile boolean stopped;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param singletons where the schedules are looked for, not before they are needed
	 * @param excluded tells by its name whether a scheduler is left alone
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public ScheduleWorkload(InFlight inFlight, SingletonBeanRegistry singletons, Predicate<String> excluded,
			LongSupplier clock) {
		super("schedules", inFlight, clock);
		this.singletons = singletons;
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
			run(task, future, code);
		}
		else if (future.isPeriodic()) {
			future.cancel(false);
		}
		else {
			code.run();
		}
	}

	// That its future was cancelled at the signal does not make a tick fail
	private static void run(Task task, RunnableScheduledFuture<?> future, Runnable code) {
		task.run();
		try {
			code.run();
		}
		finally {
			task.end(Task.outcomeOf(future, task));
		}
	}

	@Override
	public void stopAccepting() {
		this.stopped = true;
		for (String name : this.singletons.getSingletonNames()) {
			Object bean = this.singletons.getSingleton(name);
			if (bean instanceof ScheduledTaskHolder holder) {
				holder.getScheduledTasks().forEach((task) -> task.cancel(false));
			}
			else if (bean instanceof SimpleAsyncTaskScheduler scheduler && !this.excluded.test(name)) {
				stop(name, scheduler);
			}
		}
	}

	// Ticks with a fixed delay run on a thread of the scheduler, which only tells that
	// the last of them has ended
	private void stop(String name, SimpleAsyncTaskScheduler scheduler) {
		CompletableFuture<Boolean> stopped = new CompletableFuture<>();
		scheduler.stop(() -> stopped.complete(true));
		Task ticks = new Task(this, name);
		if (!stopped.isDone() && admitIfOpen(ticks)) {
			ticks.run();
			ticks.await();
			stopped.thenRun(() -> ticks.end(WorkState.COMPLETED));
		}
	}

}
