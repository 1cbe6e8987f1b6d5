package io.github.gracefulshutdown;

/**
 * A {@link Workload} that takes part in {@linkplain GracefulShutdown#standBy standby}: it
 * {@linkplain #stopAccepting() stops accepting}, or enters lame duck if it is
 * {@linkplain ServingWorkload serving}, and can take in work again. A workload that is
 * not resumable notices only a shutdown.
 *
 * @author The Graceful Shutdown authors
 */
public interface ResumableWorkload extends Workload {

	/**
	 * Take in new work again, as before {@link #stopAccepting()} or
	 * {@link ServingWorkload#enterLameDuck()}. Called only after one of them.
	 * <p>
	 * A shutdown does not wait for long until this method returns. It may then call
	 * {@code stopAccepting()} at the same time, and calls it again when this method has
	 * returned.
	 */
	void resumeAccepting();

}
