package io.github.gracefulshutdown.web.jetty;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.IO;

/**
 * Closes the sockets of Jetty connectors whose selectors accept connections, when nothing
 * waits in the backlog. Acceptor threads could only be stopped by an interrupt, which
 * closes the socket and resets what waits.
 *
 * @author The Graceful Shutdown authors
 */
final class JettyBacklog implements SelectorManager.AcceptListener {

	private static final Log logger = LogFactory.getLog(JettyBacklog.class);

	private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

	private final Set<SelectableChannel> accepted = ConcurrentHashMap.newKeySet();

	/**
	 * Serve the connections in the backlog, and close the socket.
	 * @param connector the connector, without acceptors
	 */
	void serveAndClose(ServerConnector connector) {
		if (connector.getTransport() instanceof ServerSocketChannel socket) {
			connector.getSelectorManager().addEventListener(this);
			connector.setAccepting(false);
			awaitDeregistration(socket);
			try (socket) {
				serve(connector, socket);
			}
			catch (IOException ex) {
				logger.warn("Failed to serve the connections in the backlog", ex);
			}
		}
	}

	// As long as it is registered with a selector, a socket that is closed stays open
	private static void awaitDeregistration(ServerSocketChannel socket) {
		long begin = System.nanoTime();
		while (socket.isRegistered() && System.nanoTime() - begin < MOST_NANOS) {
			LockSupport.parkNanos(LOOK_NANOS);
		}
	}

	private static void serve(ServerConnector connector, ServerSocketChannel socket) throws IOException {
		long begin = System.nanoTime();
		SocketChannel connection = socket.accept();
		while (connection != null) {
			serve(connector, connection);
			connection = (System.nanoTime() - begin < MOST_NANOS) ? socket.accept() : null;
		}
	}

	// What is wrong with one must not cost the others
	private static void serve(ServerConnector connector, SocketChannel connection) {
		try {
			connection.configureBlocking(false);
			connection.socket().setTcpNoDelay(connector.getAcceptedTcpNoDelay());
			connector.getSelectorManager().accept(connection);
		}
		catch (IOException ex) {
			logger.debug("Failed to serve a connection in the backlog", ex);
			IO.close(connection);
		}
	}

	@Override
	public void onAccepting(SelectableChannel connection) {
		this.accepted.add(connection);
	}

	/**
	 * Jetty lists a connection.
	 * @param connection the connection
	 */
	void opened(EndPoint connection) {
		if (connection.getTransport() instanceof SelectableChannel channel) {
			this.accepted.remove(channel);
		}
	}

	/**
	 * Return whether there are connections that Jetty has accepted, and does not yet
	 * list.
	 * @return whether there are
	 */
	boolean isOpening() {
		for (SelectableChannel channel : this.accepted) {
			if (!channel.isOpen()) {
				this.accepted.remove(channel);
			}
		}
		return !this.accepted.isEmpty();
	}

}
