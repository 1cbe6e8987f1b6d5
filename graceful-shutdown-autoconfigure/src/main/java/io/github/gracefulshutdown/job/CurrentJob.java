package io.github.gracefulshutdown.job;

import org.jspecify.annotations.Nullable;

/**
 * The job that the calling thread runs, or works for.
 *
 * @author The Graceful Shutdown authors
 */
final class CurrentJob {

	/**
	 * Its name in contexts that are not bound to a thread.
	 */
	static final String KEY = JobContext.class.getName();

	private static final ThreadLocal<@Nullable Job> current = new ThreadLocal<>();

	private CurrentJob() {
	}

	static @Nullable Job get() {
		return current.get();
	}

	/**
	 * Set or reset the job.
	 * @param job the job, or {@code null}
	 * @return the job that was set before
	 */
	static @Nullable Job set(@Nullable Job job) {
		Job before = current.get();
		// Not removed: that would cost the thread's next job an allocation
		current.set(job);
		return before;
	}

}
