package io.github.gracefulshutdown.executor;

import java.util.function.LongSupplier;

import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.SubmittedWorkload;
import io.github.gracefulshutdown.tracking.TrackedSubmission;

/**
 * Tasks that are wrapped when they are submitted. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
abstract class ExecutorWorkload extends SubmittedWorkload<Task> {

	ExecutorWorkload(String name, InFlight inFlight, LongSupplier clock) {
		super(name, inFlight, clock);
	}

	/**
	 * Track a task that is being submitted, unless it is tracked already. When the drain
	 * has ended it is not tracked any more: what executors do with tasks while the
	 * context is being closed is up to Spring.
	 * @param executor the name of the executor
	 * @param submitted what was submitted
	 * @param code what to run
	 * @return what to run, tracked
	 */
	Runnable track(String executor, Runnable submitted, Runnable code) {
		if (TrackedSubmission.take() || submitted instanceof Task.TrackedRunnable) {
			return code;
		}
		lookForDropped();
		Task task = new Task(this, executor);
		if (!tryAdmit(task)) {
			return code;
		}
		Task.TrackedRunnable tracked = task.track(submitted, code);
		issueTicket(task, tracked);
		return tracked;
	}

	/**
	 * Track a task from its beginning, because it is not known yet whether the executor
	 * takes it.
	 * @param executor the name of the executor
	 * @param submitted what was submitted
	 * @param code what to run
	 * @return what to run, tracked
	 */
	final Runnable trackRun(String executor, Runnable submitted, Runnable code) {
		return TrackedSubmission.take() ? code : () -> track(executor, submitted, code).run();
	}

}
