package io.github.gracefulshutdown.durable;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Threads that do not keep the JVM alive, and that only their creator knows. They inherit
 * no thread-local of whoever starts them, such as the user of a request.
 *
 * @author The Graceful Shutdown authors
 */
final class DaemonThreads {

	private DaemonThreads() {
	}

	/**
	 * Create a factory of daemon threads.
	 * @param prefix the begin of their names
	 * @param virtual whether they are virtual threads
	 * @return the factory
	 */
	static ThreadFactory factory(String prefix, boolean virtual) {
		if (virtual) {
			return virtualFactory(prefix);
		}
		AtomicLong number = new AtomicLong();
		return (code) -> create(prefix + number.incrementAndGet(), code);
	}

	// The API of JDK 21. Spring's own executor inherits the thread-locals
	private static ThreadFactory virtualFactory(String prefix) {
		try {
			Class<?> type = Class.forName("java.lang.Thread$Builder");
			Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
			type.getMethod("inheritInheritableThreadLocals", boolean.class).invoke(builder, false);
			type.getMethod("name", String.class, long.class).invoke(builder, prefix, 1L);
			return (ThreadFactory) type.getMethod("factory").invoke(builder);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException("There are no virtual threads", ex);
		}
	}

	static Thread create(String name, Runnable code) {
		Thread thread = new Thread(null, code, name, 0, false);
		thread.setDaemon(true);
		return thread;
	}

	static Thread start(String name, Runnable code) {
		Thread thread = create(name, code);
		thread.start();
		return thread;
	}

}
