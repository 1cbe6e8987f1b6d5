package io.github.gracefulshutdown.executor;

import java.util.function.LongSupplier;

import io.github.gracefulshutdown.tracking.DroppedTickets;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedSubmission;
import io.github.gracefulshutdown.tracking.TrackedWorkload;

/**
 * Tasks that are wrapped when they are submitted. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
abstract class ExecutorWorkload extends TrackedWorkload<Task> {

	private final DroppedTickets tickets;

	ExecutorWorkload(String name, InFlight inFlight, DroppedTickets tickets, LongSupplier clock) {
		super(name, inFlight, clock);
		this.tickets = tickets;
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
		if (TrackedSubmission.take() || submitted instanceof Task.TrackedRunnable) {
			return code;
		}
		this.tickets.cancelDropped();
		Task task = new Task(this, executor);
		if (!tryAdmit(task)) {
			return code;
		}
		Task.TrackedRunnable tracked = task.track(submitted, code);
		this.tickets.issue(task, tracked);
		return tracked;
	}

	/**
	 * Track a task from its beginning, because it is not known yet whether the executor
	 * takes it.
	 * @param executor the name of the executor
	 * @param submitted the submitted task
	 * @param code the code to run
	 * @return the code to run, tracked
	 */
	final Runnable trackRun(String executor, Runnable submitted, Runnable code) {
		return TrackedSubmission.take() ? code : () -> track(executor, submitted, code).run();
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
		boolean idle = super.isIdle();
		if (!idle) {
			this.tickets.collectIfStuck();
		}
		return idle;
	}

}
