package io.github.gracefulshutdown.intake;

/**
 * When a lifecycle is stopped.
 *
 * @author The Graceful Shutdown authors
 */
enum LifecycleRole {

	/**
	 * Brings work in, and nobody waits for an answer here: at the signal, and in standby.
	 */
	INTAKE,

	/**
	 * Has clients that wait: with the sockets of the web server.
	 */
	SERVER,

	/**
	 * Nothing is known about it, but Spring stops it before the web server: with the
	 * sockets, and never in standby.
	 */
	UNKNOWN,

	/**
	 * Serves the work in flight: by Spring, after the drain.
	 */
	LEFT_TO_SPRING

}
