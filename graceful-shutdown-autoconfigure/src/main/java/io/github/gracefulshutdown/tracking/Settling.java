package io.github.gracefulshutdown.tracking;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Decides when work is idle that can only be looked at. Work that is about to begin may
 * be invisible, so one look proves nothing. The work has settled when two looks saw it
 * idle, with a quiet time and no activity between them. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class Settling {

	private final long quietNanos;

	private final LongSupplier clock;

	private boolean idle;

	private long idleSinceNanos;

	private long activity;

	/**
	 * Create a settling that has not been looked at.
	 * @param quiet the time between the first idle look and the last
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public Settling(Duration quiet, LongSupplier clock) {
		this.quietNanos = quiet.toNanos();
		this.clock = clock;
	}

	/**
	 * Note a look at the work.
	 * @param idle whether the work looks idle
	 * @param activity a number that changes with each piece of work that begins or ends
	 * @return whether the work has settled
	 */
	public synchronized boolean look(boolean idle, long activity) {
		boolean stillIdle = this.idle && idle && activity == this.activity;
		this.idle = idle;
		this.activity = activity;
		if (!stillIdle) {
			this.idleSinceNanos = this.clock.getAsLong();
			return false;
		}
		return this.clock.getAsLong() - this.idleSinceNanos >= this.quietNanos;
	}

}
