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
	 * Called again and again during the drain, a few to a hundred times a second, and
	 * whenever meters are read; must not block.
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
	 * while the application is lame duck, and is waited for before
	 * {@link ServingStoppedEvent} is published; if not, it is told to stop accepting at
	 * the signal.
	 * @return whether clients are waiting, {@code false} by default
	 */
	default boolean isServing() {
		return false;
	}

	/**
	 * Tell clients to go elsewhere, and go on serving them: the application will stop
	 * accepting soon. Called at most once in a drain, on workloads that are
	 * {@linkplain #isServing() serving}: when a drain without exit begins, or at the
	 * signal, if there is a lame-duck delay.
	 * @return whether clients can come at all; if not, the delay is skipped
	 */
	default boolean enterLameDuck() {
		return true;
	}

	/**
	 * Return whether what this workload is told can be undone. If so, a drain without
	 * exit tells it to {@linkplain #stopAccepting() stop accepting}, or, if it is
	 * {@linkplain #isServing() serving}, to {@linkplain #enterLameDuck() enter lame
	 * duck}; if not, only a shutdown does.
	 * @return whether {@link #resumeAccepting()} undoes both, {@code false} by default
	 */
	default boolean isResumable() {
		return false;
	}

	/**
	 * Stop taking in new work from outside. What is in flight goes on, and may start new
	 * work. Called once in a drain, and again only after {@link #resumeAccepting()}.
	 */
	default void stopAccepting() {
	}

	/**
	 * Take in new work again, as before {@link #stopAccepting()} or
	 * {@link #enterLameDuck()}: the drain without exit is undone. Called only if one of
	 * them has been called, and this workload is {@linkplain #isResumable() resumable}.
	 * If a shutdown begins before a call of this method has returned, and does not want
	 * to wait for it, {@code stopAccepting()} may be called meanwhile, and is called when
	 * it has returned.
	 */
	default void resumeAccepting() {
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
