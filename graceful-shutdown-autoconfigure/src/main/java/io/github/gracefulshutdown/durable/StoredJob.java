package io.github.gracefulshutdown.durable;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A job in the store.
 *
 * @param id its identifier
 * @param name its name when it was stored
 * @param payload the arguments in JSON
 * @param progress the progress in JSON that an earlier run has saved, or {@code null}
 * @param trace the trace of the call in JSON, or {@code null}
 * @param version increases with each change by an instance, and so fences off others
 * @param attempts the number of failed attempts
 * @param deaths how often the process ended while it ran the job
 * @param dueNanos since when it is due, on the monotonic clock of this process, or
 * {@code null} if that is not known, because it has been run since it was due
 * @author The Graceful Shutdown authors
 */
record StoredJob(String id, String name, String payload, @Nullable String progress, @Nullable String trace, int version,
		int attempts, int deaths, @Nullable Long dueNanos) {

	/**
	 * With so many deaths, a job is a dead letter.
	 */
	static final int MOST_DEATHS = 3;

	static final int SUSPICIOUS_DEATHS = MOST_DEATHS - 1;

	/**
	 * Create a job that is due now.
	 * @param name its name
	 * @param payload the arguments in JSON
	 * @param trace the trace of the call in JSON, or {@code null}
	 * @return the job, with a new identifier
	 */
	static StoredJob of(String name, String payload, @Nullable String trace) {
		return new StoredJob(UUID.randomUUID().toString(), name, payload, null, trace, 1, 0, 0, System.nanoTime());
	}

	StoredJob picked() {
		return new StoredJob(this.id, this.name, this.payload, this.progress, this.trace, this.version + 1,
				this.attempts, this.deaths, this.dueNanos);
	}

	/**
	 * Return whether the job may be the one that ends processes: the next death makes it
	 * a dead letter.
	 * @return whether it is suspected
	 */
	boolean isSuspect() {
		return this.deaths >= SUSPICIOUS_DEATHS;
	}

}
