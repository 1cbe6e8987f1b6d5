package io.github.gracefulshutdown.job;

/**
 * What becomes of a background job when the application is told to stop.
 *
 * @author The Graceful Shutdown authors
 */
public enum OnDrain {

	/**
	 * It is waited for, and asked to stop only shortly before the deadline.
	 */
	FINISH,

	/**
	 * It is asked to stop at the signal, by an interrupt (a subscription is cancelled),
	 * and waited for. If it has not begun, it never begins. From the signal on, new runs
	 * are rejected.
	 */
	CANCEL,

	/**
	 * It is not tracked: neither waited for nor counted as a job or as a task, and cut
	 * with the process.
	 */
	IGNORE

}
