package io.github.gracefulshutdown.web.tomcat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.net.Acceptor.AcceptorState;
import org.apache.tomcat.util.net.NioEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's default protocol, with the one difference that, when the socket is closed
 * gracefully, the connections in its backlog are served first. They are established in
 * the eyes of their clients, who may have sent a request, and Tomcat resets them: for
 * some milliseconds it does not accept any more, and its socket is still open.
 *
 * @author The Graceful Shutdown authors
 */
public final class BacklogHttp11NioProtocol extends Http11NioProtocol {

	private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

	private final BacklogNioEndpoint endpoint;

	/**
	 * Create a protocol, as Tomcat does by the name of the class.
	 */
	public BacklogHttp11NioProtocol() {
		this(new BacklogNioEndpoint());
	}

	BacklogHttp11NioProtocol(BacklogNioEndpoint endpoint) {
		super(endpoint);
		this.endpoint = endpoint;
	}

	/**
	 * Return whether clients are connected, also when the socket is closed.
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
				// Those that came last do not know yet that they are to go away (HTTP/2)
				getHandler().pause();
			}
			return true;
		}

		/**
		 * The acceptor can only be woken by a connection. Tomcat's own could not be told
		 * from those of clients, would be served, and waited for until it is seen to be
		 * closed.
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
				return awaitAcceptor();
			}
			catch (IOException ex) {
				logger.debug("Failed to wake the acceptor", ex);
				return false;
			}
		}

		private boolean awaitAcceptor() {
			long begin = System.nanoTime();
			while (!isAcceptorStopped()) {
				if (System.nanoTime() - begin > MOST_NANOS) {
					return false;
				}
				LockSupport.parkNanos(LOOK_NANOS);
			}
			return true;
		}

		// If it still runs it holds the lock of the channel
		private boolean isAcceptorStopped() {
			return this.acceptor == null || this.acceptor.getState() != AcceptorState.RUNNING;
		}

		/**
		 * What comes to the acceptor when it has just been told to stop. Called when
		 * serving has failed, too, and not tried again then.
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
