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

}
