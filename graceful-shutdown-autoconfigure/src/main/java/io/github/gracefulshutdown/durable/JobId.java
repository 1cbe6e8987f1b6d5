package io.github.gracefulshutdown.durable;

import java.util.Objects;

/**
 * The identifier of a stored job.
 *
 * @param value the identifier, unique among all jobs
 * @author The Graceful Shutdown authors
 */
public record JobId(String value) {

	/**
	 * Create an identifier.
	 * @param value the identifier
	 */
	public JobId {
		Objects.requireNonNull(value, "value");
	}

	@Override
	public String toString() {
		return this.value;
	}

}
