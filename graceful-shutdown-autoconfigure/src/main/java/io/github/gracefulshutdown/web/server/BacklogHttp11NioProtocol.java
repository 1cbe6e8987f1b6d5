package io.github.gracefulshutdown.web.server;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
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

	/**
	 * Create a protocol, as Tomcat does by the name of the class.
	 */
	public BacklogHttp11NioProtocol() {
		super(new BacklogNioEndpoint());
	}

	private static final class BacklogNioEndpoint extends NioEndpoint {

		private static final Log logger = LogFactory.getLog(BacklogHttp11NioProtocol.class);

		private @Nullable SocketChannel served;

		/**
		 * What comes to the acceptor when it has just been told to stop. Not tried twice,
		 * as this is called when serving has failed, too.
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
			if (isServing() && getServerSocket() instanceof ServerSocketChannel channel) {
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
			if (!setSocketOptions(socket)) {
				closeSocket(socket);
			}
		}

	}

}
