package io.github.gracefulshutdown;

/**
 * The state of an application on its way to the shutdown.
 *
 * @author The Graceful Shutdown authors
 */
public enum DrainState {

	/**
	 * Not stopping.
	 */
	RUNNING,

	/**
	 * Stopping, or in {@linkplain GracefulShutdown#standBy standby}. The application
	 * still accepts and serves requests, and asks clients to go elsewhere. From standby
	 * it can go back to {@link #RUNNING}.
	 */
	LAME_DUCK,

	/**
	 * No longer accepting. Work in flight is being finished.
	 */
	DRAINING,

	/**
	 * All work was finished before the deadline.
	 */
	DRAINED,

	/**
	 * The deadline has passed. Work that was still in flight was abandoned.
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
