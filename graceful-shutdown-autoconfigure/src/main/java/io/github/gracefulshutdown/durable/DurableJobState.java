package io.github.gracefulshutdown.durable;

/**
 * The state of a durable job in the store. A job that has been done is not stored any
 * more.
 *
 * @author The Graceful Shutdown authors
 */
public enum DurableJobState {

	/**
	 * It waits until it is due, and then for an instance that has a free thread.
	 */
	QUEUED,

	/**
	 * An instance has picked it.
	 */
	RUNNING,

	/**
	 * A dead letter: all attempts have failed, or too many processes ended while they ran
	 * it.
	 */
	DEAD,

	/**
	 * Its arguments cannot be read by the version of the application that picked it.
	 */
	PARKED

}
