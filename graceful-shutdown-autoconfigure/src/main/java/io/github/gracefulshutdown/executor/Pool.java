package io.github.gracefulshutdown.executor;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A pool whose tasks can only be seen by looking. A worker that has taken a task from the
 * queue and not run it is seen nowhere, so a pool is idle when it has looked idle twice,
 * with some time and no task in between. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
abstract class Pool {

	private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

	private final String name;

	private final LongSupplier clock;

	private boolean lookedIdle;

	private long idleSinceNanos;

	private long run;

	Pool(String name, LongSupplier clock) {
		this.name = name;
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
	 * Return a number that is another one after a task has been run.
	 * @return a counter
	 */
	abstract long getRun();

	final synchronized boolean isIdle() {
		boolean threads = hasThreads();
		if (getInFlight() > 0) {
			this.lookedIdle = false;
			return false;
		}
		long run = getRun();
		if (!this.lookedIdle || run != this.run) {
			this.lookedIdle = true;
			this.run = run;
			this.idleSinceNanos = this.clock.getAsLong();
			return !threads;
		}
		return !threads || this.clock.getAsLong() - this.idleSinceNanos >= SETTLED_NANOS;
	}

}
