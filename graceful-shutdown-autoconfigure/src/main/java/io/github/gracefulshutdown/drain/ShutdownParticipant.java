package io.github.gracefulshutdown.drain;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ConfigurableApplicationContext;

/**
 * An application context, or the start of one, that takes part in the shutdown of the
 * JVM.
 *
 * @author The Graceful Shutdown authors
 */
interface ShutdownParticipant {

	SignalSettings settings();

	/**
	 * Return the context to close when a signal comes.
	 * @return the context, or {@code null} if nothing is to be closed
	 */
	default @Nullable ConfigurableApplicationContext context() {
		return null;
	}

	/**
	 * The context has been closed because of a signal.
	 */
	default void closed() {
	}

	/**
	 * Return how long to wait for the closing.
	 * @param signal the signal
	 * @return the remaining time in nanoseconds
	 */
	default long remainingNanos(DrainSignal signal) {
		return 0;
	}

	/**
	 * Log the work in flight, because the JVM is about to be halted.
	 */
	default void logLost() {
	}

}
