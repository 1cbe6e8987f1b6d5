package io.github.gracefulshutdown.durable;

/**
 * Threads that do not keep the JVM alive, and that only their creator knows.
 *
 * @author The Graceful Shutdown authors
 */
final class DaemonThreads {

	private DaemonThreads() {
	}

	static Thread create(String name, Runnable code) {
		Thread thread = new Thread(code, name);
		thread.setDaemon(true);
		return thread;
	}

	static Thread start(String name, Runnable code) {
		Thread thread = create(name, code);
		thread.start();
		return thread;
	}

}
