package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.concurrent.CancellationException;

import org.jspecify.annotations.Nullable;

/**
 * What a background job can know of the shutdown, so that it stops its loops at the
 * signal and finishes the rest, and cleans up in time when it is cancelled.
 * <p>
 * Belongs to one run of a {@link BackgroundJob @BackgroundJob} method, or of a task that
 * was started with {@link BackgroundJobs}. Thread-safe: it can be handed to the threads
 * that work for the job.
 *
 * @author The Graceful Shutdown authors
 */
public interface JobContext {

	/**
	 * Return the context of the job that runs on the calling thread. It is carried to
	 * other threads by Micrometer's context propagation, if the application uses that
	 * (such as with {@code spring.task.execution.propagate-context}).
	 * @return the context; outside of a job, one that is never told to stop
	 */
	static JobContext current() {
		Job job = CurrentJob.get();
		return (job != null) ? job : NoJob.INSTANCE;
	}

	/**
	 * Return whether the application has been told to stop. The job may go on until it is
	 * cancelled, but should not begin what can be left for later.
	 * @return whether the drain has begun
	 */
	boolean isStopping();

	/**
	 * Return whether the job has been asked to end early: shortly before the deadline, or
	 * at the signal if it is declared so ({@link OnDrain#CANCEL}). Its thread has been
	 * interrupted once.
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
	 * Return if the job may go on.
	 * @throws CancellationException if the job is {@linkplain #isCancelled() cancelled}
	 */
	default void checkpoint() throws CancellationException {
		if (isCancelled()) {
			throw new CancellationException("The application is stopping");
		}
	}

	/**
	 * Sleep, but no longer than until the application is told to stop. Returns at once if
	 * it has been.
	 * @param duration how long, zero or more
	 * @return whether that time has passed; {@code false} if the application is stopping
	 * @throws InterruptedException if the thread is interrupted
	 */
	boolean sleep(Duration duration) throws InterruptedException;

	/**
	 * Have something called once when the application is told to stop, if the job has not
	 * ended by then. If it has been told to stop already, that is done before this method
	 * returns; otherwise on a thread that calls those of all jobs, one after the other,
	 * and that the drain does not wait for. What it throws is logged.
	 * @param callback what to call
	 */
	void onStopping(Runnable callback);

}
