package io.github.gracefulshutdown;

import java.util.List;

/**
 * A family of work that is drained as one: requests, jobs, or an application's own, such
 * as a queue worker. Every bean of this type takes part in the drain.
 * <p>
 * The methods are called from threads of the drain, not always the same one, and from
 * those that read meters and the endpoint: implementations must be thread-safe. What they
 * throw is logged and does not stop the drain; a call that hangs is left alone at the
 * deadline.
 *
 * @author The Graceful Shutdown authors
 */
public interface Workload {

	/**
	 * Return the name of the workload: a short word in the plural, in lower case. It is
	 * the value of a meter tag, and must not change.
	 * @return the name, such as {@code "requests"}
	 */
	String getName();

	/**
	 * Return how much of this work is in flight: running, and accepted but not begun.
	 * Called at least every 100 ms during the drain, and whenever meters are read; must
	 * not block.
	 * @return the number, 0 or more
	 */
	long getInFlight();

	/**
	 * Return whether the drain need not wait for this workload now. New work may come at
	 * any time until the drain has ended.
	 * @return whether the workload is idle; by default whether nothing is in flight
	 */
	default boolean isIdle() {
		return getInFlight() == 0;
	}

	/**
	 * Return whether clients are waiting for this work. If so, it goes on being accepted
	 * during the lame-duck delay, and is waited for before {@link ServingStoppedEvent} is
	 * published; if not, it is told to stop accepting at the signal.
	 * @return whether clients are waiting, {@code false} by default
	 */
	default boolean isServing() {
		return false;
	}

	/**
	 * Tell clients to go elsewhere, and go on serving them: the application will stop
	 * accepting soon. Called at most once in a drain, at the signal, on workloads that
	 * are {@linkplain #isServing() serving}, and not called if there is no lame-duck
	 * delay.
	 * @return whether clients can come at all; if not, the delay is skipped
	 */
	default boolean enterLameDuck() {
		return true;
	}

	/**
	 * Stop taking in new work from outside. What is in flight goes on, and may start new
	 * work. Called once in a drain.
	 */
	default void stopAccepting() {
	}

	/**
	 * Ask the work in flight to end early, because the deadline is near. Called at most
	 * once in a drain.
	 */
	default void cancel() {
	}

	/**
	 * Give up the work that is still in flight: the deadline has passed. What has not
	 * begun must not begin any more. Called at most once in a drain.
	 * @return all abandoned work, by default as many nameless entries as there is work
	 * {@linkplain #getInFlight() in flight}
	 */
	default List<WorkSnapshot> abandon() {
		return WorkSnapshot.nameless(getName(), getInFlight());
	}

	/**
	 * Describe work in flight, for the endpoint.
	 * @param limit the greatest number of descriptions to return
	 * @return at most {@code limit} descriptions, in any order
	 */
	default List<WorkSnapshot> describe(int limit) {
		return List.of();
	}

}
