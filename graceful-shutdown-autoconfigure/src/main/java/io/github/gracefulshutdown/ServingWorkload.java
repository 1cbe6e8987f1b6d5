package io.github.gracefulshutdown;

/**
 * A {@link Workload} with clients that wait for an answer, such as requests. It accepts
 * work during the lame-duck delay, {@linkplain #stopAccepting() stops accepting} after
 * it, and is waited for before {@link ServingStoppedEvent} is published.
 *
 * @author The Graceful Shutdown authors
 */
public interface ServingWorkload extends Workload {

	/**
	 * Tell clients to go elsewhere, and go on serving them: the application will stop
	 * accepting soon. Called at the signal if there is a lame-duck delay, and when the
	 * application goes into standby if this workload is also
	 * {@linkplain ResumableWorkload resumable}. A shutdown from standby does not call it
	 * again.
	 * @return whether clients can come at all; if not, the delay is skipped
	 */
	boolean enterLameDuck();

	/**
	 * Return whether streams or sessions may be open. If so, they are
	 * {@linkplain #endStreams() ended} before the application refuses all new work, so
	 * that their end may still start some. Called repeatedly in a drain.
	 * @return whether streams may be open
	 */
	default boolean hasStreams() {
		return false;
	}

	/**
	 * End the streams and sessions that clients keep open without waiting for an answer.
	 * They must not keep this workload from being {@linkplain #isIdle() idle} before.
	 * Other work may write to them, so this method is called when all workloads are idle,
	 * but not later than the unfinished work is {@linkplain #cancel() cancelled}. Called
	 * once in a drain. The drain waits until the workload is idle again.
	 */
	default void endStreams() {
	}

}
