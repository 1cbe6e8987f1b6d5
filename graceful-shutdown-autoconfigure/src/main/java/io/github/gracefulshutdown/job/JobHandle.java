package io.github.gracefulshutdown.job;

/**
 * A background job that runs elsewhere, such as in a callback or a thread of another
 * library. It is in flight until {@link #fail} or {@link #close()} is called. Only the
 * first call has an effect. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 * @see BackgroundJobs#track(String)
 */
public interface JobHandle extends AutoCloseable {

	/**
	 * Return the context of the job. The job has no known thread, so it is not
	 * interrupted when it is cancelled.
	 * @return the context
	 */
	JobContext context();

	/**
	 * The job has failed.
	 * @param ex the exception
	 */
	void fail(Throwable ex);

	/**
	 * The job has completed, unless it has failed before.
	 */
	@Override
	void close();

}
