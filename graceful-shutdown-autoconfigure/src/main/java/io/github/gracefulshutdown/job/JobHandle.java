package io.github.gracefulshutdown.job;

/**
 * A background job that is run by something else, such as a callback or a thread of
 * another library. It is in flight until one of these methods is called; only the first
 * call has an effect. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 * @see BackgroundJobs#track(String)
 */
public interface JobHandle extends AutoCloseable {

	/**
	 * Return what the job can know of the shutdown. As it has no thread that is known, it
	 * is not interrupted when it is cancelled.
	 * @return the context
	 */
	JobContext context();

	/**
	 * The job has failed.
	 * @param ex why
	 */
	void fail(Throwable ex);

	/**
	 * The job has ended well, unless it has failed before.
	 */
	@Override
	void close();

}
