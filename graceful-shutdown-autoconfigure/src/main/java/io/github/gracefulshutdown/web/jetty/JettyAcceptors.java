package io.github.gracefulshutdown.web.jetty;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.gracefulshutdown.web.Waiting;
import org.eclipse.jetty.server.AbstractConnector;

/**
 * The threads in which a Jetty connector accepts connections. Interrupting them closes
 * the socket and nothing else. {@link AbstractConnector#shutdown()} also closes each
 * connection whose response is being completed at that moment. Such a response was sent
 * without {@code Connection: close}, and the client may be sending its next request.
 *
 * @author The Graceful Shutdown authors
 */
final class JettyAcceptors {

	private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

	private JettyAcceptors() {
	}

	/**
	 * Stop the threads. Jetty gives no handle to them, so they are found by name. Virtual
	 * threads cannot be found.
	 * @param connector the connector that they accept for
	 * @return whether they have been stopped
	 */
	static boolean stop(AbstractConnector connector) {
		List<Thread> acceptors = Stream.of(threads()).filter((thread) -> isAcceptor(thread, connector)).toList();
		if (acceptors.size() < connector.getAcceptors()) {
			return false;
		}
		acceptors.forEach(Thread::interrupt);
		return Waiting.until(() -> acceptors.stream().noneMatch((thread) -> isAcceptor(thread, connector)), MOST_NANOS);
	}

	private static boolean isAcceptor(Thread thread, AbstractConnector connector) {
		String name = thread.getName();
		return name.contains("-acceptor-") && name.endsWith(connector.toString());
	}

	private static Thread[] threads() {
		ThreadGroup group = Thread.currentThread().getThreadGroup();
		while (group.getParent() != null) {
			group = group.getParent();
		}
		Thread[] threads = new Thread[2 * group.activeCount() + 10];
		return Stream.of(threads).limit(group.enumerate(threads)).toArray(Thread[]::new);
	}

}
