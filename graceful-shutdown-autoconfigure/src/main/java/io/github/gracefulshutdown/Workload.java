package io.github.gracefulshutdown;

import java.util.List;
import java.util.Map;

/**
 * A family of work that is drained as one: requests, jobs, or an application's own, such
 * as a queue worker. Every bean of this type takes part in the drain.
 * <p>
 * The drain calls these methods from threads of its own, and not always from the same
 * one; meters and the endpoint call them too. Implementations must be thread-safe. An
 * exception, or a value that is not allowed, is logged once and does not stop the drain:
 * the workload counts as one with nothing in flight. The drain does not wait for a call
 * after the deadline.
 *
 * @author The Graceful Shutdown authors
 * @see ServingWorkload
 * @see ResumableWorkload
 */
public interface Workload {

	/**
	 * Return the name of the workload: a short word in the plural, in lower case. It is
	 * the value of a meter tag, and must not change. Without a name, or if two workloads
	 * have the same, the application does not start.
	 * @return the name, such as {@code "requests"}
	 */
	String getName();

	/**
	 * Return the number of work in flight, whether running or only accepted. Called up to
	 * a hundred times a second during the drain, and when meters are read, so it must not
	 * block.
	 * @return the number, 0 or more
	 */
	long getInFlight();

	/**
	 * Return whether the drain may end without waiting for this workload. New work may
	 * still come until the drain has ended.
	 * @return whether the workload is idle; by default whether nothing is in flight
	 */
	default boolean isIdle() {
		return getInFlight() <= 0;
	}

	/**
	 * Stop taking in new work from outside. The work in flight goes on, and may start new
	 * work. Called at the signal, or after the lame-duck delay if the workload is
	 * {@linkplain ServingWorkload serving}. Called once in a drain.
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
	 * Give up the work that is still in flight: the deadline has passed. Queued work must
	 * not begin any more. Called at most once in a drain.
	 * @return all abandoned work, by default a nameless entry for each piece of work
	 * {@linkplain #getInFlight() in flight}, at most 100,000; the report takes the first
	 * million
	 */
	default List<WorkSnapshot> abandon() {
		return WorkSnapshot.nameless(getName(), getInFlight());
	}

	/**
	 * Describe work in flight, for the log and the endpoint.
	 * @param limit the greatest number of descriptions to return
	 * @return at most {@code limit} descriptions, in any order
	 */
	default List<WorkSnapshot> describe(int limit) {
		return List.of();
	}

	/**
	 * Return the number of work that has reached each outcome since the application
	 * started. The report of a drain and the meter {@code graceful.shutdown.work} are
	 * computed from these numbers, which must never decrease.
	 * @return a number for each counted {@linkplain WorkState#isOutcome() outcome}, by
	 * default none
	 */
	default Map<WorkState, Long> getOutcomes() {
		return Map.of();
	}

}
