package io.github.gracefulshutdown;

/**
 * How far the shutdown of an application is.
 *
 * @author The Graceful Shutdown authors
 */
public enum DrainState {

	/**
	 * Not told to stop.
	 */
	RUNNING,

	/**
	 * Told to stop, or drained without exit; still accepting and serving, but telling
	 * everyone to go elsewhere. Only a drain without exit can be undone, which leads back
	 * to {@link #RUNNING}.
	 */
	LAME_DUCK,

	/**
	 * No longer accepting; finishing what is in flight.
	 */
	DRAINING,

	/**
	 * All work was finished before the deadline.
	 */
	DRAINED,

	/**
	 * The deadline passed with work still in flight; it was abandoned.
	 */
	EXPIRED;

	/**
	 * Return whether the drain has ended, so that new work is rejected.
	 * @return {@code true} for {@link #DRAINED} and {@link #EXPIRED}
	 */
	public boolean isEnded() {
		return this == DRAINED || this == EXPIRED;
	}

}
