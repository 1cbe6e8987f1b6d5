package io.github.gracefulshutdown.tracking;

/**
 * Starts the threads of the drain: named {@code drain-...}, and daemon, so that none of
 * them keeps the JVM alive.
 *
 * @author The Graceful Shutdown authors
 */
public final class DrainThreads {

	private DrainThreads() {
	}

	/**
	 * Start a thread.
	 * @param name the end of its name, after {@code drain-}
	 * @param code the code to run
	 */
	public static void start(String name, Runnable code) {
		create(name, code).start();
	}

	/**
	 * Create a thread without starting it.
	 * @param name the end of its name, after {@code drain-}
	 * @param code the code to run
	 * @return the thread
	 */
	public static Thread create(String name, Runnable code) {
		Thread thread = new DrainThread(code, "drain-" + name);
		thread.setDaemon(true);
		return thread;
	}

	/**
	 * Return whether the drain runs the calling code.
	 * @return whether the current thread is one of these threads
	 */
	static boolean isCurrent() {
		return Thread.currentThread() instanceof DrainThread;
	}

	/**
	 * A thread of the drain.
	 */
	private static final class DrainThread extends Thread {

		DrainThread(Runnable code, String name) {
			super(code, name);
		}

	}

}
