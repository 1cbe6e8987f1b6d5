package io.github.gracefulshutdown.drain;

import org.jspecify.annotations.Nullable;

/**
 * The signals of the operating system.
 *
 * @author The Graceful Shutdown authors
 */
interface Signals {

	/**
	 * Take a signal over from the JVM.
	 * @param name its name without SIG
	 * @param handler runs on a daemon thread of the JVM, each time the signal comes
	 * @return the signal, or {@code null} if the JVM does not handle it: because of
	 * {@code -Xrs}, because the process ignores it, or because the application has a
	 * handler
	 */
	@Nullable Taken take(String name, Runnable handler);

	/**
	 * A signal that was taken over.
	 */
	interface Taken {

		/**
		 * Let the JVM do as without us: it exits. Does not return then.
		 */
		void handOn();

		/**
		 * Return the signal to the JVM, unless the application has taken it since.
		 */
		void giveBack();

	}

}
