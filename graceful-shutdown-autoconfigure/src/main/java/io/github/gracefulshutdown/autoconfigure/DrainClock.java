package io.github.gracefulshutdown.autoconfigure;

import java.util.function.LongSupplier;

/**
 * The clock of the drain.
 *
 * @author The Graceful Shutdown authors
 */
final class DrainClock {

	/**
	 * Monotonic, in nanoseconds.
	 */
	static final LongSupplier MONOTONIC = System::nanoTime;

	private DrainClock() {
	}

}
