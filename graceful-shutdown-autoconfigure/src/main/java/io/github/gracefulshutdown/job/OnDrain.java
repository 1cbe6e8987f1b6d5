package io.github.gracefulshutdown.job;

/**
 * How a shutdown treats a background job.
 *
 * @author The Graceful Shutdown authors
 */
public enum OnDrain {

	/**
	 * The drain waits for the job, and cancels it only shortly before the deadline.
	 */
	FINISH,

	/**
	 * The drain interrupts the job at the signal (or cancels its subscription), and waits
	 * for it. If the job has not begun, it never begins. From the signal on, new runs are
	 * rejected.
	 */
	CANCEL,

	/**
	 * The job is not tracked, neither as a job nor as a task. It ends when the process
	 * ends.
	 */
	IGNORE

}
