package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;

import org.jspecify.annotations.Nullable;

/**
 * Informs a background job about the shutdown. The job can stop its loops at the signal,
 * finish the rest, and clean up in time when it is cancelled.
 * <p>
 * Belongs to one run of a {@link BackgroundJob @BackgroundJob} or {@code @Async} method,
 * to the runners of an application's start, to a task that was started with
 * {@link BackgroundJobs}, or to one run of a durable job. Thread-safe: it can be passed
 * to all threads that work for the job.
 * <p>
 * A durable job also has an identifier, attempts and progress. A job that is not durable
 * always begins from the start: it has no progress, and saving it has no effect.
 *
 * @author The Graceful Shutdown authors
 */
public interface JobContext {

	/**
	 * Return the context of the job that runs on the calling thread. Micrometer's context
	 * propagation carries it to other threads, if the application enables that (such as
	 * with {@code spring.task.execution.propagate-context}).
	 * @return the context; outside of a job, a context that never stops
	 */
	static JobContext current() {
		JobContext job = CurrentJob.get();
		return (job != null) ? job : NoJob.INSTANCE;
	}

	/**
	 * Return whether the application is stopping. The job may go on until it is
	 * cancelled, but should not begin work that can be done later.
	 * @return whether the drain has begun
	 */
	boolean isStopping();

	/**
	 * Return whether the job has been asked to end early: shortly before the deadline, or
	 * at the signal with {@link OnDrain#CANCEL}. Its thread has been interrupted once,
	 * unless {@link BackgroundJob#interrupt()} or the property
	 * {@code graceful-shutdown.jobs.interrupt} is {@code false}.
	 * @return whether the job is cancelled
	 */
	boolean isCancelled();

	/**
	 * Return the time until the deadline, at which the job is abandoned.
	 * @return the time, zero once the deadline has passed, or {@code null} while the
	 * application is not stopping
	 */
	@Nullable Duration remaining();

	/**
	 * Return normally if the job may go on.
	 * @throws CancellationException if the job is {@linkplain #isCancelled() cancelled}
	 */
	default void checkpoint() throws CancellationException {
		if (isCancelled()) {
			throw new CancellationException("The application is stopping");
		}
	}

	/**
	 * Sleep until the time has passed or the application is stopping. Returns at once if
	 * it is stopping already.
	 * @param duration the time to sleep, zero or more
	 * @return whether the time has passed; {@code false} if the application is stopping
	 * @throws InterruptedException if the thread is interrupted
	 */
	boolean sleep(Duration duration) throws InterruptedException;

	/**
	 * Register a callback that is called once when the application begins to stop, unless
	 * the job has ended by then. If the application is stopping already, this method
	 * calls it at once. Otherwise one thread calls the callbacks of all jobs, one after
	 * the other, and the drain does not wait for that thread. An exception is logged.
	 * @param callback the callback
	 */
	void onStopping(Runnable callback);

	/**
	 * Return the identifier of a durable job. It stays the same whenever and wherever the
	 * job runs, so a receiver can know by it whether it has done the work.
	 * @return the identifier, or {@code null} if the job is not durable
	 */
	default @Nullable String id() {
		return null;
	}

	/**
	 * Return which attempt of a durable job this run is. A run after a hand-over, or
	 * after the death of a process, belongs to the same attempt.
	 * @return 1 for the first attempt, and for a job that is not durable
	 */
	default int attempt() {
		return 1;
	}

	/**
	 * Return the progress that earlier runs of this durable job have saved. This run goes
	 * on from there.
	 * @param <T> the type of the progress
	 * @param type the type of the progress
	 * @return the progress as it was when this run began, empty if there is none
	 * @throws IllegalStateException if it cannot be read as this type
	 */
	default <T> Optional<T> progress(Class<T> type) {
		return Optional.empty();
	}

	/**
	 * Save the progress of this durable job. In a transaction of the same
	 * {@code DataSource} it is saved with the commit, otherwise before this method
	 * returns. While the application is stopping, it is saved too.
	 * @param progress a number, a text, a record, or another value that can be read back
	 * from JSON, of at most 256 kB
	 * @throws IllegalArgumentException if it cannot be written to JSON, or is too large
	 * @throws CancellationException if another instance has taken the job over, because
	 * it took this one for dead: this run must end
	 * @throws RuntimeException if the store fails
	 */
	default void saveProgress(Object progress) {
	}

}
