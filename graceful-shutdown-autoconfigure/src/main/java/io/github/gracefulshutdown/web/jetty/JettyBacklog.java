package io.github.gracefulshutdown.web.jetty;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.web.Waiting;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.IO;

/**
 * Closes the sockets of Jetty connectors that have no acceptor threads: their selectors
 * accept. The connections in the backlog are served first. With acceptor threads that is
 * impossible: only an interrupt stops them, which closes the socket and resets the
 * backlog.
 *
 * @author The Graceful Shutdown authors
 */
final class JettyBacklog implements SelectorManager.AcceptListener {

	private static final Log logger = LogFactory.getLog(JettyBacklog.class);

	private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	private final boolean serve;

	private final Set<SelectableChannel> accepted = ConcurrentHashMap.newKeySet();

	/**
	 * Create a backlog.
	 * @param serve whether to serve the connections in it
	 */
	JettyBacklog(boolean serve) {
		this.serve = serve;
	}

	/**
	 * Close the socket.
	 * @param connector the connector, without acceptors
	 */
	void close(ServerConnector connector) {
		if (connector.getTransport() instanceof ServerSocketChannel socket) {
			connector.getSelectorManager().addEventListener(this);
			connector.setAccepting(false);
			// While it is registered with a selector, a closed socket stays open
			Waiting.until(() -> !socket.isRegistered(), MOST_NANOS);
			try (socket) {
				if (this.serve) {
					serve(connector, socket);
				}
			}
			catch (IOException ex) {
				logger.warn("Failed to serve the connections in the backlog", ex);
			}
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

	// A broken connection must not cost the others
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
	 * Note that Jetty lists a connection.
	 * @param connection the connection
	 */
	void opened(EndPoint connection) {
		if (connection.getTransport() instanceof SelectableChannel channel) {
			this.accepted.remove(channel);
		}
	}

	/**
	 * Return whether Jetty has accepted connections that it does not list yet.
	 * @return whether a connection is being opened
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
