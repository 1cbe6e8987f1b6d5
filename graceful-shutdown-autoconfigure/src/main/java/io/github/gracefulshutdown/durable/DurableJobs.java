package io.github.gracefulshutdown.durable;

import org.jspecify.annotations.Nullable;

/**
 * Stores durable jobs by their name. Applications inject it. Thread-safe.
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

}
