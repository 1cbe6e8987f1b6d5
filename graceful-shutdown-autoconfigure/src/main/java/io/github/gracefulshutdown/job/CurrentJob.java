package io.github.gracefulshutdown.job;

import org.jspecify.annotations.Nullable;

/**
 * The job of the calling thread.
 *
 * @author The Graceful Shutdown authors
 */
final class CurrentJob {

	/**
	 * The key of the job in contexts that are not bound to a thread.
	 */
	static final String KEY = JobContext.class.getName();

	private static final ThreadLocal<@Nullable Job> current = new ThreadLocal<>();

	private CurrentJob() {
	}

	static @Nullable Job get() {
		return current.get();
	}

	/**
	 * Set the job of the calling thread.
	 * @param job the job, or {@code null} for none
	 */
	static void set(@Nullable Job job) {
		if (job != null) {
			current.set(job);
		}
		else {
			current.remove();
		}
	}

}
