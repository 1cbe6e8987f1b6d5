package io.github.gracefulshutdown.durable;

import org.jspecify.annotations.Nullable;

/**
 * A job in the store.
 *
 * @param id its identifier
 * @param name its name when it was stored
 * @param payload the arguments in JSON
 * @param progress the progress in JSON that an earlier run has saved, or {@code null}
 * @param version increases with each change by an instance, and so fences off others
 * @param attempts the number of failed attempts
 * @author The Graceful Shutdown authors
 */
record StoredJob(String id, String name, String payload, @Nullable String progress, int version, int attempts) {

	StoredJob picked() {
		return new StoredJob(this.id, this.name, this.payload, this.progress, this.version + 1, this.attempts);
	}

}
