package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.tracking.Settling;

/**
 * A pool whose tasks can only be seen by looking. A worker that has taken a task from the
 * queue and not begun it is invisible, so a pool with threads is idle when it has
 * {@linkplain Settling settled}: nothing could give it a task meanwhile, and none was
 * run. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
abstract class Pool {

	private final String name;

	private final LongSupplier admitted;

	private final Settling settling;

	/**
	 * Create a pool.
	 * @param name the name of the pool
	 * @param quiet the time between two looks that must both see the pool idle
	 * @param admitted how much tracked work has ever been admitted
	 * @param clock the monotonic clock, in nanoseconds
	 */
	Pool(String name, Duration quiet, LongSupplier admitted, LongSupplier clock) {
		this.name = name;
		this.admitted = admitted;
		this.settling = new Settling(quiet, clock);
	}

	final String getName() {
		return this.name;
	}

	/**
	 * Return whether this is the pool of an executor.
	 * @param executor the executor
	 * @return whether the executor is the same
	 */
	abstract boolean isFor(Executor executor);

	/**
	 * Return how many tasks are running or queued.
	 * @return the visible number
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

	/**
	 * Return whether no task that has to be waited for is visible.
	 * @return whether the pool looks idle
	 */
	boolean looksIdle() {
		return getInFlight() == 0;
	}

	final boolean isIdle() {
		boolean threads = hasThreads();
		boolean idle = looksIdle();
		boolean settled = this.settling.look(idle, getRun() + this.admitted.getAsLong());
		return idle && (settled || !threads);
	}

}
