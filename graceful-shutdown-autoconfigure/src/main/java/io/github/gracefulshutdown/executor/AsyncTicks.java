package io.github.gracefulshutdown.executor;

import java.util.concurrent.CompletableFuture;

import io.github.gracefulshutdown.WorkState;
import org.jspecify.annotations.Nullable;

import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

/**
 * The tasks of a {@link SimpleAsyncTaskScheduler}, which has a thread for each run.
 * Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class AsyncTicks {

	private final ScheduleWorkload workload;

	private final SimpleAsyncTaskScheduler scheduler;

	private final String name;

	private final Throttle throttle;

	private @Nullable Task fixedDelay;

	AsyncTicks(ScheduleWorkload workload, SimpleAsyncTaskScheduler scheduler, String name) {
		this.workload = workload;
		this.scheduler = scheduler;
		this.name = name;
		this.throttle = workload.throttle(scheduler, name);
	}

	/**
	 * Track a task that the scheduler is about to hand over to its thread.
	 * @param submitted the submitted task
	 * @param code the code to run
	 * @return the tracked code
	 */
	Runnable track(Runnable submitted, Runnable code) {
		if (this.workload.isDraining() && isScheduled()) {
			return code;
		}
		return this.throttle.track(submitted, code);
	}

	// The scheduler executes a task that is due in the same way as a task that another
	// class submits. Only in the first case is it the caller of its own method
	private static boolean isScheduled() {
		String scheduler = SimpleAsyncTaskScheduler.class.getName();
		return StackWalker.getInstance()
			.walk((frames) -> frames.filter((frame) -> frame.getClassName().equals(scheduler)).limit(2).count() == 2);
	}

	/**
	 * Track the run with a fixed delay that is in progress. It is not decorated, because
	 * the thread of the scheduler runs it. The scheduler notifies only its stopper of the
	 * end of such a run, so it is stopped, and started again at once.
	 */
	synchronized void trackFixedDelay() {
		boolean tracked = this.fixedDelay != null && !this.fixedDelay.getState().isOutcome();
		if (tracked || !this.scheduler.isRunning()) {
			return;
		}
		CompletableFuture<Boolean> ended = new CompletableFuture<>();
		this.scheduler.stop(() -> ended.complete(true));
		this.scheduler.start();
		Task task = new Task(this.workload, this.name, false);
		if (!ended.isDone() && this.workload.admit(task)) {
			task.attach();
			task.detach();
			this.fixedDelay = task;
			ended.thenRun(() -> task.end(WorkState.COMPLETED));
		}
	}

}
