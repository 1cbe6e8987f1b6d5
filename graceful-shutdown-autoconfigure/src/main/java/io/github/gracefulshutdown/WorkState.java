package io.github.gracefulshutdown;

import java.util.Locale;

/**
 * The state of one piece of work, from the moment it was accepted.
 *
 * <pre>
 * QUEUED ──► RUNNING ◄──► WAITING          any of them ──► COMPLETED | FAILED | CANCELLED | ABANDONED | HANDED_OVER
 *               ▲▼
 *          INTERRUPTING                    not accepted ──► REJECTED
 * </pre>
 *
 * @author The Graceful Shutdown authors
 */
public enum WorkState {

	/**
	 * Accepted, not begun.
	 */
	QUEUED,

	/**
	 * A thread works on it.
	 */
	RUNNING,

	/**
	 * A thread works on it and is being interrupted at this moment. The work cannot end
	 * in this state, so the interrupt never hits other work of that thread. Snapshots,
	 * logs and the endpoint show it as {@link #RUNNING}.
	 */
	INTERRUPTING,

	/**
	 * Begun, and not on a known thread: for example an asynchronous request, or a job
	 * whose future is not complete.
	 */
	WAITING,

	/**
	 * Ended without an exception.
	 */
	COMPLETED,

	/**
	 * Ended with an exception.
	 */
	FAILED,

	/**
	 * Ended early because it was cancelled, by the application or by the drain.
	 */
	CANCELLED,

	/**
	 * Not finished at the deadline. Its later end is not counted.
	 */
	ABANDONED,

	/**
	 * Returned to its store, from which another instance, or the next start, takes it.
	 */
	HANDED_OVER,

	/**
	 * Not accepted.
	 */
	REJECTED;

	/**
	 * Return whether this is a final state, and so the outcome of the work.
	 * @return {@code true} from {@link #COMPLETED} on
	 */
	public boolean isOutcome() {
		return compareTo(COMPLETED) >= 0;
	}

	/**
	 * Return the name as logs, meters and the endpoint show it.
	 * @return the name in lower case
	 */
	public String lowerCase() {
		return name().toLowerCase(Locale.ROOT);
	}

}
