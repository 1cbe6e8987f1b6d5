package io.github.gracefulshutdown.executor;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A pool whose tasks can only be seen by looking. A worker that has taken a task from the
 * queue and not begun it is seen nowhere, so a pool is idle when it has looked idle
 * twice, with some time in between in which nothing could give it a task, and none was
 * run. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
abstract class Pool {

	private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

	private final String name;

	private final LongSupplier admitted;

	private final LongSupplier clock;

	private boolean lookedIdle;

	private long idleSinceNanos;

	private long activity;

	/**
	 * Create a pool.
	 * @param name the name of the pool
	 * @param admitted how much tracked work has ever been admitted
	 * @param clock the monotonic clock, in nanoseconds
	 */
	Pool(String name, LongSupplier admitted, LongSupplier clock) {
		this.name = name;
		this.admitted = admitted;
		this.clock = clock;
	}

	final String getName() {
		return this.name;
	}

	/**
	 * Return how many tasks are running or queued.
	 * @return the number that can be seen
	 */
	abstract long getInFlight();

	/**
	 * Return whether there are threads that may be about to begin a task.
	 * @return whether there are threads
	 */
	abstract boolean hasThreads();

	/**
	 * Return how many tasks have ever been run.
	 * @return the number
	 */
	abstract long getRun();

	final synchronized boolean isIdle() {
		boolean threads = hasThreads();
		if (getInFlight() > 0) {
			this.lookedIdle = false;
			return false;
		}
		long activity = getRun() + this.admitted.getAsLong();
		if (!this.lookedIdle || activity != this.activity) {
			this.lookedIdle = true;
			this.activity = activity;
			this.idleSinceNanos = this.clock.getAsLong();
			return !threads;
		}
		return !threads || this.clock.getAsLong() - this.idleSinceNanos >= SETTLED_NANOS;
	}

}
