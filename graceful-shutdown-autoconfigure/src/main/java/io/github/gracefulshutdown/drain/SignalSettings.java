package io.github.gracefulshutdown.drain;

/**
 * How an application wants signals to be handled.
 *
 * @param beforeJvmHooks whether SIGTERM and SIGINT drain before the hooks of the JVM run
 * @param forceOnSecondInterrupt whether a second SIGINT ends the JVM at once
 * @author The Graceful Shutdown authors
 */
public record SignalSettings(boolean beforeJvmHooks, boolean forceOnSecondInterrupt) {

	/**
	 * Signals are left to the JVM.
	 */
	static final SignalSettings NONE = new SignalSettings(false, true);

}
