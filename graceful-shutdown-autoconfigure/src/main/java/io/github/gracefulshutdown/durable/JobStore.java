package io.github.gracefulshutdown.durable;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;

/**
 * Where durable jobs are kept. A job belongs to the instance that has picked it, until
 * that writes it with the version that it picked. Thread-safe. All methods throw
 * {@link DataAccessException} if the store fails. Threads whose interrupt flag is set
 * must not call them: drivers close their connections then.
 *
 * @author The Graceful Shutdown authors
 */
interface JobStore {

	/**
	 * Store a job, in the transaction of the caller if there is one.
	 * @param job the job
	 * @param key unique among the jobs of this name, or {@code null}
	 * @param committed called with the job once it is committed, if it was stored
	 * @return the identifier of this job, or of that with the same key
	 */
	JobId insert(StoredJob job, @Nullable String key, Consumer<StoredJob> committed);

	/**
	 * Store a job that this instance has picked, and commit that.
	 * @param job the picked job
	 * @param key unique among the jobs of this name, or {@code null}
	 * @param owner this instance
	 * @return the identifier of this job, or of that with the same key
	 */
	JobId insertPicked(StoredJob job, @Nullable String key, String owner);

	/**
	 * Return whether the calling thread is in a transaction that a job would join.
	 * @return whether its commit or rollback is to come
	 */
	boolean isInTransaction();

	/**
	 * Find jobs that can be picked, the oldest first.
	 * @param names the names of the jobs
	 * @param suspects whether to find also {@linkplain StoredJob#isSuspect() suspects}
	 * @param limit the greatest number of jobs
	 * @return the jobs
	 */
	List<StoredJob> findDue(Collection<String> names, boolean suspects, int limit);

	/**
	 * Pick a job for this instance.
	 * @param job the job
	 * @param owner this instance
	 * @return the picked job, or {@code null} if it is not as it was
	 */
	@Nullable StoredJob pick(StoredJob job, String owner);

	/**
	 * Save the progress of a picked job, in the transaction of the caller if there is
	 * one.
	 * @param job the picked job
	 * @param progress the progress in JSON
	 * @return {@code false} if the job had been taken over
	 */
	boolean saveProgress(StoredJob job, String progress);

	/**
	 * Remove jobs that have been done.
	 * @param jobs the picked jobs
	 * @return whether each was removed; if not, it had been taken over
	 */
	boolean[] remove(List<StoredJob> jobs);

	/**
	 * Return a picked job, due as it was.
	 * @param job the picked job
	 * @return {@code false} if it had been taken over
	 */
	boolean handOver(StoredJob job);

	/**
	 * Return a picked job that has failed.
	 * @param job the picked job
	 * @param dueInMillis when it may be picked again
	 * @param error the reason of the failure
	 * @return {@code false} if it had been taken over
	 */
	boolean retry(StoredJob job, long dueInMillis, String error);

	/**
	 * Keep a picked job that is not tried any more.
	 * @param job the picked job
	 * @param state why that is so: {@link DurableJobState#DEAD} or
	 * {@link DurableJobState#PARKED}
	 * @param error the reason of the failure
	 * @return {@code false} if it had been taken over
	 */
	boolean keep(StoredJob job, DurableJobState state, String error);

	/**
	 * Find the jobs that an instance has picked.
	 * @param owner the instance
	 * @return its jobs
	 */
	List<StoredJob> findPicked(String owner);

	/**
	 * Return the jobs that a dead instance had picked, and forget the instance.
	 * @param owner the dead instance
	 * @param mostDeaths the number of deaths with which a job is a dead letter
	 * @return the number of jobs that are due again, and the number of new dead letters
	 */
	TakenOver takeOver(String owner, int mostDeaths);

	/**
	 * Find a job.
	 * @param id its identifier
	 * @return the job, empty if it is not stored
	 */
	Optional<DurableJobInfo> find(JobId id);

	/**
	 * Find jobs in a state.
	 * @param state the state
	 * @param limit the greatest number of jobs
	 * @return the jobs, those first that are or were due first
	 */
	List<DurableJobInfo> list(DurableJobState state, int limit);

	/**
	 * Let a job that does not run begin anew, due now at the latest. In the transaction
	 * of the caller if there is one.
	 * @param id its identifier
	 * @param committed called once that is committed
	 * @return {@code false} if there is no such job that does not run
	 */
	boolean requeue(JobId id, Runnable committed);

	/**
	 * Delete a job that does not run, in the transaction of the caller if there is one.
	 * @param id its identifier
	 * @return {@code false} if there is no such job that does not run
	 */
	boolean discard(JobId id);

	/**
	 * Write nothing. Fails if no job could be written.
	 */
	void checkWritable();

	/**
	 * Count the stored jobs.
	 * @return the numbers, by name and state
	 */
	List<JobCount> count();

	/**
	 * The jobs of a dead instance.
	 *
	 * @param due the number of jobs that are due again
	 * @param dead the number of new dead letters
	 */
	record TakenOver(int due, int dead) {

	}

}
