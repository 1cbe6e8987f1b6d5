package io.github.gracefulshutdown.executor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedSubmission;
import io.github.gracefulshutdown.tracking.WorkloadOrder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.SingletonBeanRegistry;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.scheduling.config.ScheduledTaskHolder;

/**
 * The schedules: from the signal on no tick begins any more, but for those of pollers of
 * Spring Integration, and those that run are waited for. So is what a scheduler is to run
 * at once. The schedules themselves stay: a {@link Tick} is skipped, others are held
 * back, and begin when the drain is undone. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.SCHEDULES)
public final class ScheduleWorkload extends ExecutorWorkload implements ResumableWorkload {

	private static final Log logger = LogFactory.getLog(ScheduleWorkload.class);

	private static final int OVERDUE_SECONDS = 1;

	private final SingletonBeanRegistry singletons;

	private final Predicate<String> excluded;

	private final Set<Runnable> gated = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	private final Queue<Runnable> heldBack = new ConcurrentLinkedQueue<>();

	private final List<SimpleAsyncTaskScheduler> stoppedSchedulers = new ArrayList<>();

	private final ThreadLocal<Boolean> late = new ThreadLocal<>();

	/**
	 * Whether what follows on the tick that the calling thread is in is held back, if it
	 * is due after the signal.
	 */
	private final ThreadLocal<Boolean> holdBackNext = new ThreadLocal<>();

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

	/**
	 * Track what a scheduler is to run.
	 * @param scheduler the scheduler
	 * @param name its name
	 * @param submitted what was submitted
	 * @param code what to run
	 * @return what to run, tracked
	 */
	Runnable track(ThreadPoolTaskScheduler scheduler, String name, Runnable submitted, Runnable code) {
		if (submitted instanceof RunnableScheduledFuture<?> future) {
			TriggerSubmission trigger = future.isPeriodic() ? TriggerSubmission.NONE : TriggerSubmission.current();
			if (future.isPeriodic() || trigger != TriggerSubmission.NONE || future.getDelay(TimeUnit.NANOSECONDS) > 0) {
				boolean holdBack = isHeldBack(future, trigger);
				boolean holdBackNext = (trigger == TriggerSubmission.FIRST && !GatedTaskScheduler.isSubmitting())
						|| holdBack;
				return () -> runScheduled(scheduler, name, future, code, holdBack, holdBackNext);
			}
		}
		return track(name, submitted, code);
	}

	// What is due once may be what something in flight waits for, and so may be the first
	// tick of a trigger, which is the only one of some
	private boolean isHeldBack(RunnableScheduledFuture<?> future, TriggerSubmission trigger) {
		return (trigger == TriggerSubmission.NEXT) ? Boolean.TRUE.equals(this.holdBackNext.get())
				: future.isPeriodic() && !GatedTaskScheduler.isSubmitting();
	}

	// What is due after the signal is not waited for
	private void runScheduled(ThreadPoolTaskScheduler scheduler, String name, RunnableScheduledFuture<?> future,
			Runnable code, boolean holdBack, boolean holdBackNext) {
		this.holdBackNext.set(holdBackNext);
		try {
			Task task = new Task(this, name);
			if (!this.stopped && tryAdmit(task)) {
				run(task, future, code);
			}
			else if (!holdBack) {
				runLate(code);
			}
			else if (!future.isCancelled()) {
				holdBack(() -> executeTracked(scheduler,
						() -> runScheduled(scheduler, name, future, code, true, holdBackNext)));
			}
		}
		finally {
			this.holdBackNext.remove();
		}
	}

	// That its future was cancelled does not make a tick fail
	private static void run(Task task, RunnableScheduledFuture<?> future, Runnable code) {
		task.attach();
		try {
			code.run();
		}
		finally {
			task.end(Task.outcomeOf(future, task));
		}
	}

	// A tick inside of it must not begin, even if the schedules are resumed right now: it
	// is not tracked
	private void runLate(Runnable code) {
		this.late.set(Boolean.TRUE);
		try {
			code.run();
		}
		finally {
			this.late.remove();
		}
	}

	private static void executeTracked(ThreadPoolTaskScheduler scheduler, Runnable tick) {
		TrackedSubmission.announce();
		try {
			scheduler.execute(tick);
		}
		finally {
			TrackedSubmission.take();
		}
	}

	/**
	 * Put a task behind the gate that is closed at the signal.
	 * @param task the task of a schedule
	 * @param whenHeldBack schedules the tick again if it would be the only one, or
	 * {@code null} if it can be skipped
	 * @return the task behind the gate
	 */
	Tick gate(Runnable task, @Nullable Consumer<Tick> whenHeldBack) {
		this.gated.add(task);
		return new Tick(this, task, whenHeldBack);
	}

	/**
	 * Return whether ticks may begin, as far as the calling thread is concerned.
	 * @return whether the gate is open
	 */
	boolean isOpen() {
		return !this.stopped && this.late.get() == null;
	}

	/**
	 * Hold back what would have begun, until the schedules are resumed.
	 * @param begin begins it
	 */
	void holdBack(Runnable begin) {
		this.heldBack.add(begin);
		// They may have been resumed since it was held back
		if (!this.stopped) {
			release();
		}
	}

	private void release() {
		Runnable begin = this.heldBack.poll();
		while (begin != null) {
			try {
				begin.run();
			}
			catch (RuntimeException ex) {
				logger.warn("A tick that was held back could not begin", ex);
			}
			begin = this.heldBack.poll();
		}
	}

	@Override
	public synchronized void stopAccepting() {
		this.stopped = true;
		for (String name : this.singletons.getSingletonNames()) {
			Object bean = this.singletons.getSingleton(name);
			if (bean instanceof ScheduledTaskHolder holder) {
				cancelWhatIsNotGated(holder);
			}
			else if (bean instanceof SimpleAsyncTaskScheduler scheduler && !this.excluded.test(name)
					&& scheduler.isRunning()) {
				this.stoppedSchedulers.add(scheduler);
				stop(name, scheduler);
			}
		}
	}

	// There is no other way, and it cannot be undone
	private void cancelWhatIsNotGated(ScheduledTaskHolder holder) {
		holder.getScheduledTasks()
			.stream()
			.filter((task) -> !this.gated.contains(task.getTask().getRunnable()))
			.forEach((task) -> task.cancel(false));
	}

	// Ticks with a fixed delay run on a thread of the scheduler, which only tells that
	// the last of them has ended
	private void stop(String name, SimpleAsyncTaskScheduler scheduler) {
		CompletableFuture<Boolean> stopped = new CompletableFuture<>();
		scheduler.stop(() -> stopped.complete(true));
		Task ticks = new Task(this, name);
		if (!stopped.isDone() && tryAdmit(ticks)) {
			ticks.attach();
			ticks.detach();
			stopped.thenRun(() -> ticks.end(WorkState.COMPLETED));
		}
	}

	@Override
	public synchronized void resumeAccepting() {
		try {
			this.stoppedSchedulers.forEach(SimpleAsyncTaskScheduler::start);
			this.stoppedSchedulers.forEach(ScheduleWorkload::awaitOverdue);
		}
		catch (RuntimeException ex) {
			logger.warn("Not all schedules could be resumed", ex);
		}
		finally {
			this.stoppedSchedulers.clear();
			this.stopped = false;
			release();
		}
	}

	// The ticks that it has missed begin all at once, and those that are gated are
	// skipped as long as the gate is closed. What is scheduled now comes after them
	private static void awaitOverdue(SimpleAsyncTaskScheduler scheduler) {
		CountDownLatch done = new CountDownLatch(1);
		scheduler.schedule(done::countDown, scheduler.getClock().instant());
		try {
			done.await(OVERDUE_SECONDS, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
