package io.github.gracefulshutdown.job;

import org.jspecify.annotations.Nullable;

/**
 * The job of the calling thread. Thread-safe. Not for applications, which use
 * {@link JobContext#current()}.
 *
 * @author The Graceful Shutdown authors
 */
public final class CurrentJob {

	/**
	 * The key of the job in contexts that are not bound to a thread.
	 */
	static final String KEY = JobContext.class.getName();

	private static final ThreadLocal<@Nullable JobContext> current = new ThreadLocal<>();

	private CurrentJob() {
	}

	static @Nullable JobContext get() {
		return current.get();
	}

	/**
	 * Set the job of the calling thread.
	 * @param job the job, or {@code null} for none
	 */
	public static void set(@Nullable JobContext job) {
		if (job != null) {
			current.set(job);
		}
		else {
			current.remove();
		}
	}

}
