package io.github.gracefulshutdown.durable;

import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Stores durable jobs by their name, and manages those that are stored. Applications
 * inject it. Thread-safe. Threads that are interrupted can use it.
 *
 * @author The Graceful Shutdown authors
 * @see DurableJob
 */
public interface DurableJobs {

	/**
	 * Store a job, as a call of its method does. In a transaction of the same
	 * {@code DataSource} it is stored with the commit.
	 * @param name the name of a {@link DurableJob} method of this application
	 * @param arguments the arguments of the method
	 * @return the identifier of the stored job, or that of the one with the same key
	 * @throws IllegalArgumentException if there is no such job, or the arguments do not
	 * fit, cannot be read back from JSON or are larger than 256 kB
	 */
	JobId enqueue(String name, @Nullable Object... arguments);

	/**
	 * Find a stored job. Nothing is stored with {@code durable.mode: direct}.
	 * @param id its identifier
	 * @return the job, empty if it was never stored, or has been done or discarded
	 * @throws RuntimeException if the store fails
	 */
	Optional<DurableJobInfo> find(JobId id);

	/**
	 * List the stored jobs in a state, also those of other instances and those that this
	 * version of the application does not know.
	 * @param state the state
	 * @param limit the greatest number of jobs, 1 or more
	 * @return the jobs, those first that are or were due first
	 * @throws IllegalArgumentException if the limit is less than 1
	 * @throws RuntimeException if the store fails
	 */
	List<DurableJobInfo> list(DurableJobState state, int limit);

	/**
	 * Let a job begin anew and at once: a dead letter, a parked job, or a job that waits
	 * for its next attempt. If this application does not know its name, it waits for an
	 * instance that does. It gets all its attempts again and keeps its progress. A dead
	 * letter and a parked job have lost their key, so another job with that key may be
	 * stored meanwhile. In a transaction of the same {@code DataSource} this takes effect
	 * with the commit.
	 * @param id its identifier
	 * @return {@code false} without effect if the job is running, or not stored
	 * @throws RuntimeException if the store fails
	 */
	boolean retry(JobId id);

	/**
	 * Delete a job that is not running, so that it never runs again. In a transaction of
	 * the same {@code DataSource} this takes effect with the commit.
	 * @param id its identifier
	 * @return {@code false} without effect if the job is running, or not stored
	 * @throws RuntimeException if the store fails
	 */
	boolean discard(JobId id);

}
