package io.github.gracefulshutdown.drain;

import io.github.gracefulshutdown.Printable;

/**
 * The signal to stop.
 *
 * @param cause the reason, for the log and the report
 * @param nanos its instant on the monotonic clock
 * @author The Graceful Shutdown authors
 */
record DrainSignal(String cause, long nanos) {

	private static final String CONTEXT_CLOSED = "application context closed";

	DrainSignal {
		cause = Printable.of(cause);
	}

	static DrainSignal contextClosed(long nanos) {
		return new DrainSignal(CONTEXT_CLOSED, nanos);
	}

	/**
	 * Return whether the context is closed while the JVM goes on, and nobody asked for a
	 * shutdown. That is so in tests, after a restart by devtools, and with
	 * {@code POST /actuator/shutdown}.
	 * @return whether only the context is closed
	 */
	boolean isContextClosed() {
		return this.cause.equals(CONTEXT_CLOSED);
	}

}
