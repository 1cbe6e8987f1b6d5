package io.github.gracefulshutdown.executor;

import java.util.Set;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The tasks of a scheduler with a pool. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class PoolTicks {

	private static final int CALLERS = 20;

	private final ScheduleWorkload workload;

	private final String name;

	/**
	 * Set while the thread is in a run that began after the signal of a shutdown.
	 */
	private final ThreadLocal<Boolean> late = new ThreadLocal<>();

	PoolTicks(ScheduleWorkload workload, String name) {
		this.workload = workload;
		this.name = name;
	}

	/**
	 * Track a submitted task. If it is due at once it is in flight from now on, otherwise
	 * while it runs.
	 * @param submitted the submitted task
	 * @param code the code to run
	 * @return the tracked code
	 */
	Runnable track(Runnable submitted, Runnable code) {
		if (submitted instanceof RunnableScheduledFuture<?> future && !isDueAtOnce(future)) {
			if (!future.isPeriodic() && !isRecurring()) {
				this.workload.dueLater(this.name, future);
			}
			return () -> runScheduled(future, code);
		}
		return this.workload.track(this.name, submitted, () -> run(code));
	}

	// The next run of a trigger looks like a task for once. A task of a registrar does
	// not
	// begin during a shutdown
	static boolean isRecurring() {
		Set<String> callers = Set.of("org.springframework.scheduling.concurrent.ReschedulingRunnable",
				GatedTaskScheduler.class.getName());
		return StackWalker.getInstance()
			.walk((frames) -> frames.limit(CALLERS).anyMatch((frame) -> callers.contains(frame.getClassName())));
	}

	// A trigger that is behind its schedule submits its next run in its last one. Such a
	// chain would never end
	private boolean isDueAtOnce(RunnableScheduledFuture<?> future) {
		return !future.isPeriodic() && future.getDelay(TimeUnit.NANOSECONDS) <= 0 && this.late.get() == null;
	}

	private void runScheduled(RunnableScheduledFuture<?> future, Runnable code) {
		Task task = new Task(this.workload, this.name, false);
		if (!this.workload.admitRun(task)) {
			run(code);
			return;
		}
		task.attach();
		try {
			code.run();
		}
		finally {
			task.end(Task.outcomeOf(future, task));
		}
	}

	private void run(Runnable code) {
		if (!this.workload.isDraining()) {
			code.run();
			return;
		}
		this.late.set(Boolean.TRUE);
		try {
			code.run();
		}
		finally {
			this.late.remove();
		}
	}

}
