package io.github.gracefulshutdown.executor;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.DroppedTickets;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedSubmission;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import org.jspecify.annotations.Nullable;

import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Tasks that are wrapped when they are submitted. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
abstract class ExecutorWorkload extends TrackedWorkload<Task> {

	private final DroppedTickets tickets;

	private final Set<Throttle> throttles = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	ExecutorWorkload(String name, InFlight inFlight, DroppedTickets tickets, LongSupplier clock) {
		super(name, inFlight, clock);
		this.tickets = tickets;
	}

	/**
	 * Track the tasks of an executor with a thread for each task.
	 * @param executor the executor
	 * @param name the name of the executor
	 * @return tracks them, as long as the caller keeps it
	 */
	final Throttle throttle(SimpleAsyncTaskExecutor executor, String name) {
		Throttle throttle = new Throttle(executor, name, this);
		this.throttles.add(throttle);
		return throttle;
	}

	/**
	 * Track a task that is being submitted, unless it is tracked already. After the end
	 * of the drain, tasks are left to Spring's own shutdown of executors.
	 * @param executor the name of the executor
	 * @param submitted the submitted task
	 * @param code the code to run
	 * @return the code to run, tracked
	 */
	Runnable track(String executor, Runnable submitted, Runnable code) {
		return isTracked(submitted) ? code : track(executor, submitted, code, isForeign());
	}

	private static boolean isTracked(Runnable submitted) {
		return TrackedSubmission.take() || submitted instanceof Task.TrackedRunnable;
	}

	private Runnable track(String executor, Runnable submitted, Runnable code, boolean foreign) {
		this.tickets.cancelDropped();
		Task task = new Task(this, executor, foreign);
		if (!tryAdmit(task)) {
			return code;
		}
		Task.TrackedRunnable tracked = task.track(submitted, code);
		this.tickets.issue(task, tracked);
		return tracked;
	}

	/**
	 * Track a task from its first instruction on, because it is not known yet whether the
	 * executor takes it.
	 * @param executor the name of the executor
	 * @param submitted the submitted task
	 * @param code the code to run
	 * @return the code to run, tracked
	 */
	final Runnable trackRun(String executor, Runnable submitted, Runnable code) {
		if (isTracked(submitted)) {
			return code;
		}
		boolean foreign = isForeign();
		return () -> track(executor, submitted, code, foreign).run();
	}

	/**
	 * Run a task, tracked while it runs.
	 * @param executor the name of the executor
	 * @param foreign whether it was {@linkplain #isForeign() foreign} when it was
	 * submitted
	 * @param task the task
	 * @param <V> the type of the result
	 * @param <E> the type of the exception
	 * @return the result
	 * @throws E if the task throws it
	 */
	final <V, E extends Throwable> @Nullable V call(String executor, boolean foreign,
			TrackedSubmission.Submission<V, E> task) throws E {
		Task tracked = new Task(this, executor, foreign);
		if (!admitRun(tracked)) {
			return task.submit();
		}
		tracked.attach();
		try {
			V result = task.submit();
			tracked.end(WorkState.COMPLETED);
			return result;
		}
		catch (Throwable ex) {
			tracked.end(tracked.isCancelled() ? WorkState.CANCELLED : WorkState.FAILED);
			throw ex;
		}
	}

	boolean admitRun(Task task) {
		return tryAdmit(task);
	}

	final void rejected() {
		countRejected();
	}

	final void ended(Task task) {
		this.tickets.forget(task);
	}

	@Override
	public long getInFlight() {
		this.tickets.cancelDropped();
		return super.getInFlight();
	}

	@Override
	public boolean isIdle() {
		if (!super.isIdle()) {
			this.tickets.collectIfStuck();
			return false;
		}
		return List.copyOf(this.throttles).stream().noneMatch(Throttle::isInUse);
	}

}
