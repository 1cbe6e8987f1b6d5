package io.github.gracefulshutdown.job;

import java.util.concurrent.atomic.AtomicReference;

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

	/**
	 * The reference is one of the JDK, so that a thread of a container does not keep this
	 * class when the application is gone.
	 */
	private static final ThreadLocal<AtomicReference<@Nullable Job>> current = ThreadLocal
		.withInitial(AtomicReference::new);

	private CurrentJob() {
	}

	static @Nullable Job get() {
		return current.get().getPlain();
	}

	static void set(@Nullable Job job) {
		current.get().setPlain(job);
	}

	/**
	 * Return where the job of the calling thread is, for that thread only.
	 * @return the place
	 */
	static AtomicReference<@Nullable Job> place() {
		return current.get();
	}

}
