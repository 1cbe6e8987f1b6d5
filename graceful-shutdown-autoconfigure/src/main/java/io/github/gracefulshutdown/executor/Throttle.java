package io.github.gracefulshutdown.executor;

import java.lang.reflect.Field;

import org.jspecify.annotations.Nullable;

import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.util.ConcurrencyThrottleSupport;
import org.springframework.util.ReflectionUtils;

/**
 * Tracks the tasks of an executor with a thread for each task, whose concurrency may be
 * limited. A task that waits for a permit is queued.
 * <p>
 * An executor that rejects tasks at its limit does so after its decorator has seen them,
 * and notifies nobody. Its tasks are tracked from their first instruction on, and the
 * permits in use tell whether a task that was accepted has not begun. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class Throttle {

	private static final @Nullable Field THROTTLE = field(SimpleAsyncTaskExecutor.class, "concurrencyThrottle");

	private static final @Nullable Field REJECTS = field(SimpleAsyncTaskExecutor.class, "rejectTasksWhenLimitReached");

	private static final @Nullable Field IN_USE = field(ConcurrencyThrottleSupport.class, "concurrencyCount");

	private final SimpleAsyncTaskExecutor executor;

	private final String name;

	private final ExecutorWorkload workload;

	Throttle(SimpleAsyncTaskExecutor executor, String name, ExecutorWorkload workload) {
		this.executor = executor;
		this.name = name;
		this.workload = workload;
	}

	private static @Nullable Field field(Class<?> type, String name) {
		Field field = ReflectionUtils.findField(type, name);
		if (field != null) {
			ReflectionUtils.makeAccessible(field);
		}
		return field;
	}

	/**
	 * Track a task that is being submitted.
	 * @param submitted the submitted task
	 * @param code the code to run
	 * @return the tracked code
	 */
	Runnable track(Runnable submitted, Runnable code) {
		if (!isRejecting()) {
			return this.workload.track(this.name, submitted, code);
		}
		boolean full = getInUse() >= this.executor.getConcurrencyLimit();
		Runnable tracked = this.workload.trackRun(this.name, submitted, code);
		if (full && tracked != code) {
			this.workload.rejected();
		}
		return tracked;
	}

	/**
	 * Return whether the executor has accepted a task that is not tracked yet.
	 * @return whether an executor that rejects tasks has given permits
	 */
	boolean isInUse() {
		return isRejecting() && getInUse() > 0;
	}

	private boolean isRejecting() {
		int limit = this.executor.getConcurrencyLimit();
		return limit == SimpleAsyncTaskExecutor.NO_CONCURRENCY || (limit > 0 && REJECTS != null
				&& Boolean.TRUE.equals(ReflectionUtils.getField(REJECTS, this.executor)));
	}

	private int getInUse() {
		Object throttle = (THROTTLE != null) ? ReflectionUtils.getField(THROTTLE, this.executor) : null;
		Object inUse = (IN_USE != null && throttle != null) ? ReflectionUtils.getField(IN_USE, throttle) : null;
		return (inUse instanceof Integer number) ? number : 0;
	}

}
