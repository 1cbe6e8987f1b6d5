package io.github.gracefulshutdown.durable;

import java.util.function.Supplier;

/**
 * Uses the store on threads that may be interrupted: drivers close the connection of a
 * thread whose interrupt flag is set.
 *
 * @author The Graceful Shutdown authors
 */
final class Uninterrupted {

	private Uninterrupted() {
	}

	/**
	 * Call code without the interrupt flag, and set the flag again after it.
	 * @param <T> the type of the result
	 * @param code uses the store
	 * @return its result
	 */
	static <T> T call(Supplier<T> code) {
		boolean interrupted = Thread.interrupted();
		try {
			return code.get();
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

}
