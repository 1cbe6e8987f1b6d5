package io.github.gracefulshutdown.web.tomcat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.web.Waiting;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.net.Acceptor.AcceptorState;
import org.apache.tomcat.util.net.NioEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's default protocol, which serves the connections in the backlog before it closes
 * its socket gracefully. Tomcat resets them: its acceptor stops some milliseconds before
 * the socket is closed. Their clients are connected by then, and may have sent a request.
 *
 * @author The Graceful Shutdown authors
 */
public final class BacklogHttp11NioProtocol extends Http11NioProtocol {

	private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final BacklogNioEndpoint endpoint;

	/**
	 * Create a protocol. Tomcat does so by the name of the class.
	 */
	public BacklogHttp11NioProtocol() {
		this(new BacklogNioEndpoint());
	}

	BacklogHttp11NioProtocol(BacklogNioEndpoint endpoint) {
		super(endpoint);
		this.endpoint = endpoint;
	}

	/**
	 * Return whether clients are connected. Unlike Tomcat's own count, this is known
	 * after the socket was closed.
	 * @return whether there are connections
	 */
	boolean hasOpenConnections() {
		return this.endpoint.hasOpenConnections();
	}

	static class BacklogNioEndpoint extends NioEndpoint {

		private static final Log logger = LogFactory.getLog(BacklogHttp11NioProtocol.class);

		private volatile @Nullable SocketAddress waker;

		private @Nullable SocketChannel served;

		private boolean hasOpenConnections() {
			if (this.connections.isEmpty()) {
				return false;
			}
			if (getServerSocket() == null) {
				// Sends GOAWAY on HTTP/2 connections that came out of the backlog
				getHandler().pause();
			}
			return true;
		}

		/**
		 * Only a connection wakes the acceptor. Tomcat opens one that looks like that of
		 * a client: it would be served. This one is recognized by its local address.
		 */
		@Override
		protected void unlockAccept() {
			if (!isServing() || !wakeAcceptor()) {
				super.unlockAccept();
			}
		}

		private boolean wakeAcceptor() {
			try (SocketChannel channel = SocketChannel.open()) {
				InetSocketAddress server = getLocalAddress();
				if (server == null) {
					return false;
				}
				InetAddress address = server.getAddress().isAnyLocalAddress() ? InetAddress.getLoopbackAddress()
						: server.getAddress();
				channel.bind(new InetSocketAddress(address, 0));
				this.waker = channel.getLocalAddress();
				channel.socket()
					.connect(new InetSocketAddress(address, server.getPort()),
							getSocketProperties().getUnlockTimeout());
				return Waiting.until(this::isAcceptorStopped, MOST_NANOS);
			}
			catch (IOException ex) {
				logger.debug("Failed to wake the acceptor", ex);
				return false;
			}
		}

		// An acceptor that runs holds the lock of the channel
		private boolean isAcceptorStopped() {
			return this.acceptor == null || this.acceptor.getState() != AcceptorState.RUNNING;
		}

		/**
		 * The acceptor calls this for the connections that it accepts after it was asked
		 * to stop. Tomcat also calls it when serving has failed: that is not tried again.
		 */
		@Override
		protected void destroySocket(SocketChannel socket) {
			if (isServing() && socket != this.served) {
				serve(socket);
			}
			else {
				super.destroySocket(socket);
			}
		}

		@Override
		protected void doCloseServerSocket() throws IOException {
			if (isServing() && isAcceptorStopped() && getServerSocket() instanceof ServerSocketChannel channel) {
				serveBacklog(channel);
			}
			super.doCloseServerSocket();
		}

		private boolean isServing() {
			return isRunning() && !isPaused();
		}

		private void serveBacklog(ServerSocketChannel channel) {
			try {
				channel.configureBlocking(false);
				SocketChannel socket = channel.accept();
				for (int most = getAcceptCount(); socket != null; socket = (most-- > 0) ? channel.accept() : null) {
					serve(socket);
				}
			}
			catch (IOException ex) {
				logger.warn("Failed to serve the connections in the backlog", ex);
			}
		}

		private void serve(SocketChannel socket) {
			this.served = socket;
			if (isWaker(socket)) {
				super.destroySocket(socket);
			}
			else if (!setSocketOptions(socket)) {
				closeSocket(socket);
			}
			this.served = null;
		}

		private boolean isWaker(SocketChannel socket) {
			try {
				return socket.getRemoteAddress().equals(this.waker);
			}
			catch (IOException ex) {
				return false;
			}
		}

	}

}
