package io.github.gracefulshutdown.drain;

import java.util.Map;

import io.github.gracefulshutdown.Printable;

/**
 * The signal to stop.
 *
 * @param cause the reason, for the log and the report
 * @param nanos its instant on the monotonic clock
 * @param contextOnly whether only the context is closed: the JVM goes on, and nobody
 * asked for a shutdown. That is so in tests, and after a restart by devtools
 * @author The Graceful Shutdown authors
 */
record DrainSignal(String cause, long nanos, boolean contextOnly) {

	/**
	 * The classes by which Spring Boot lets operators stop an application, and their
	 * names. All of them do no more than close the context.
	 */
	private static final Map<String, String> SWITCHES = Map.of(
			"org.springframework.boot.actuate.context.ShutdownEndpoint", "actuator shutdown endpoint",
			"org.springframework.boot.admin.SpringApplicationAdminMXBeanRegistrar$SpringApplicationAdmin",
			"SpringApplicationAdminMXBean");

	DrainSignal {
		cause = Printable.of(cause);
	}

	DrainSignal(String cause, long nanos) {
		this(cause, nanos, false);
	}

	/**
	 * The context is closed while the JVM goes on.
	 * @param nanos the instant on the monotonic clock
	 * @param closing the stack of the thread that closes the context
	 * @return the signal
	 */
	static DrainSignal contextClosed(long nanos, StackTraceElement... closing) {
		for (StackTraceElement frame : closing) {
			String cause = SWITCHES.get(frame.getClassName());
			if (cause != null) {
				return new DrainSignal(cause, nanos);
			}
		}
		return new DrainSignal("application context closed", nanos, true);
	}

}
