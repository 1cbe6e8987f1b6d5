package io.github.gracefulshutdown.autoconfigure;

/**
 * Two workloads have the same name, or one has none.
 *
 * @author The Graceful Shutdown authors
 */
final class InvalidWorkloadNameException extends IllegalStateException {

	InvalidWorkloadNameException(String message) {
		super(message);
	}

}
