package io.github.gracefulshutdown.executor;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.WeakHashMap;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.DroppedTickets;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.WorkloadOrder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.config.SingletonBeanRegistry;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.scheduling.config.ScheduledTaskHolder;

/**
 * The tasks of schedulers. Runs of {@code @Scheduled} methods and registrars are
 * {@linkplain Tick gated}: skipped while stopping, back after resume. Tasks scheduled by
 * hand go on until the drain has ended, because they may serve work in flight.
 * <p>
 * A run is in flight until its end, unless it begins after the signal of a shutdown:
 * schedules that always have a run in progress would keep the drain from ending.
 * Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.SCHEDULES)
public final class ScheduleWorkload extends ExecutorWorkload
		implements ResumableWorkload, ApplicationListener<PayloadApplicationEvent<DrainCompletedEvent>> {

	private static final Log logger = LogFactory.getLog(ScheduleWorkload.class);

	private final SingletonBeanRegistry singletons;

	private final GracefulShutdown shutdown;

	private final Set<Runnable> gated = weakSet();

	private final Set<AsyncTicks> asyncTicks = weakSet();

	private final Map<Future<?>, String> dueLater = Collections.synchronizedMap(new WeakHashMap<>());

	private volatile boolean stopped;

	private volatile boolean trackedInShutdown;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param tickets finds tasks that were dropped
	 * @param singletons holds the registrars, which are looked for when they are stopped
	 * @param shutdown knows whether a shutdown has begun
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public ScheduleWorkload(InFlight inFlight, DroppedTickets tickets, SingletonBeanRegistry singletons,
			GracefulShutdown shutdown, LongSupplier clock) {
		super("schedules", inFlight, tickets, clock);
		this.singletons = singletons;
		this.shutdown = shutdown;
	}

	private static <T> Set<T> weakSet() {
		return Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
	}

	/**
	 * Track the tasks of a scheduler with a thread for each task.
	 * @param scheduler the scheduler
	 * @param name the name of the scheduler
	 * @return tracks them, as long as the caller keeps it
	 */
	AsyncTicks track(SimpleAsyncTaskScheduler scheduler, String name) {
		AsyncTicks ticks = new AsyncTicks(this, scheduler, name);
		this.asyncTicks.add(ticks);
		return ticks;
	}

	/**
	 * Note a task for once that is not due yet.
	 * @param scheduler the name of its scheduler
	 * @param task the task
	 */
	void dueLater(String scheduler, Future<?> task) {
		this.dueLater.put(task, scheduler);
	}

	/**
	 * The drain does not wait for tasks that are due later, and says so.
	 */
	@Override
	public void onApplicationEvent(PayloadApplicationEvent<DrainCompletedEvent> event) {
		if (!isDraining()) {
			return;
		}
		Map<String, Long> left = new TreeMap<>();
		synchronized (this.dueLater) {
			this.dueLater.forEach((task, scheduler) -> {
				if (!task.isDone()) {
					left.merge(scheduler, 1L, Long::sum);
				}
			});
		}
		left.forEach((scheduler, number) -> logger.warn(
				"%d %s of '%s' due later will not run".formatted(number, (number == 1) ? "task" : "tasks", scheduler)));
	}

	boolean admit(Task task) {
		return tryAdmit(task);
	}

	/**
	 * A run that begins after the signal of a shutdown is not waited for.
	 */
	@Override
	boolean admitRun(Task task) {
		return !isDraining() && admit(task);
	}

	/**
	 * Put a task behind the gate that is closed at the signal.
	 * @param task the task of a schedule
	 * @param once whether the task has one run only, which cannot be skipped in standby
	 * @return the task behind the gate
	 */
	Tick gate(Runnable task, boolean once) {
		this.gated.add(task);
		return new Tick(task, once ? () -> !isDraining() : () -> !this.stopped);
	}

	/**
	 * Return whether a shutdown has stopped the schedules.
	 * @return whether the drain of a shutdown is in progress or has ended
	 */
	boolean isDraining() {
		return this.stopped && this.shutdown.remaining() != null;
	}

	@Override
	public void stopAccepting() {
		this.stopped = true;
		this.trackedInShutdown = isDraining();
		for (String name : this.singletons.getSingletonNames()) {
			if (this.singletons.getSingleton(name) instanceof ScheduledTaskHolder holder) {
				cancelUngated(holder);
			}
		}
		trackFixedDelays();
	}

	// There is no other way to stop them, and it cannot be undone
	private void cancelUngated(ScheduledTaskHolder holder) {
		holder.getScheduledTasks()
			.stream()
			.filter((task) -> !this.gated.contains(task.getTask().getRunnable()))
			.forEach((task) -> task.cancel(false));
	}

	private void trackFixedDelays() {
		BestEffort.forEach(logger, List.copyOf(this.asyncTicks), (ticks) -> "tracking the runs with a fixed delay",
				AsyncTicks::trackFixedDelay);
	}

	/**
	 * A shutdown looks once more for runs with a fixed delay: they may have begun in
	 * standby.
	 */
	@Override
	public boolean isIdle() {
		if (!this.trackedInShutdown && isDraining()) {
			this.trackedInShutdown = true;
			trackFixedDelays();
		}
		return super.isIdle();
	}

	@Override
	public void resumeAccepting() {
		this.stopped = false;
	}

}
