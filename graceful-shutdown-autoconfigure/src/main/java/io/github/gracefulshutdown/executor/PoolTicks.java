package io.github.gracefulshutdown.executor;

import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The tasks of a scheduler with a pool. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class PoolTicks {

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
			return () -> runScheduled(future, code);
		}
		return this.workload.track(this.name, submitted, () -> run(code));
	}

	// A trigger that is behind its schedule submits its next run in its last one. Such a
	// chain would never end
	private boolean isDueAtOnce(RunnableScheduledFuture<?> future) {
		return !future.isPeriodic() && future.getDelay(TimeUnit.NANOSECONDS) <= 0 && this.late.get() == null;
	}

	private void runScheduled(RunnableScheduledFuture<?> future, Runnable code) {
		Task task = new Task(this.workload, this.name);
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
