package io.github.gracefulshutdown.web.jetty;

import java.io.Closeable;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import io.github.gracefulshutdown.web.ConnectorPauser;
import jakarta.servlet.ServletResponse;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletContextResponse;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.component.Graceful;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.eclipse.jetty.websocket.api.WebSocketContainer;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.jetty.JettyWebServer;
import org.springframework.boot.web.server.WebServer;

/**
 * {@link ConnectorPauser} for Jetty.
 *
 * @author The Graceful Shutdown authors
 */
public final class JettyConnectorPauser implements ConnectorPauser {

	private static final String WEB_SOCKET_CONTAINER = "org.eclipse.jetty.websocket.api.WebSocketContainer";

	private final JettyBacklog backlog;

	private final Supplier<@Nullable WebServer> server;

	/**
	 * Create a pauser.
	 * @param server supplies the server, or {@code null} if the application has none
	 * @param serveBacklog whether to serve the connections in the backlog
	 */
	public JettyConnectorPauser(Supplier<@Nullable WebServer> server, boolean serveBacklog) {
		this.server = server;
		this.backlog = new JettyBacklog(serveBacklog);
	}

	@Override
	public boolean isRunning() {
		return this.server.get() instanceof JettyWebServer;
	}

	@Override
	public void pause() {
		for (Connector connector : connectors()) {
			if (connector instanceof ServerConnector serverConnector && serverConnector.getAcceptors() == 0) {
				this.backlog.close(serverConnector);
			}
			else {
				stopAccepting(connector);
			}
			// Jetty does not notify its HTTP/2 sessions when their connector shuts down
			connector.getContainedBeans(Graceful.class).forEach(Graceful::shutdown);
		}
	}

	private static void stopAccepting(Connector connector) {
		if (connector instanceof AbstractConnector abstractConnector && !JettyAcceptors.stop(abstractConnector)) {
			// The default of one second would break an upload that pauses
			abstractConnector.setShutdownIdleTimeout(abstractConnector.getIdleTimeout());
			connector.shutdown();
		}
		// A connector of another kind may have no acceptors: closing its socket stops it
		if (connector.getTransport() instanceof Closeable socket) {
			IO.close(socket);
		}
	}

	@Override
	public boolean hasOpenConnections() {
		boolean open = false;
		for (Connector connector : connectors()) {
			for (EndPoint connection : connector.getConnectedEndPoints()) {
				this.backlog.opened(connection);
				open |= !connection.isOutputShutdown();
			}
		}
		return this.backlog.isOpening() || open;
	}

	@Override
	public boolean closeWebSockets(Duration quiet) {
		boolean open = false;
		if (this.server.get() instanceof JettyWebServer jetty) {
			for (ServletContextHandler context : jetty.getServer().getDescendants(ServletContextHandler.class)) {
				Object container = context.getServletContext().getAttribute(WEB_SOCKET_CONTAINER);
				if (container != null) {
					for (Session session : ((WebSocketContainer) container).getOpenSessions()) {
						open = true;
						session.close(StatusCode.SHUTDOWN, null, Callback.NOOP);
					}
				}
			}
		}
		return open;
	}

	/**
	 * Not by an exception: Jetty would forget to tell the application that the response
	 * has ended, which then writes to a response that is used again.
	 */
	@Override
	public @Nullable Exception cut(Object nativeResponse) {
		if (nativeResponse instanceof ServletResponse response) {
			ServletContextResponse.getServletContextResponse(response)
				.getRequest()
				.addHttpStreamWrapper(CutHttpStream::new);
		}
		return null;
	}

	/**
	 * Jetty throws an exception where the application writes, and waits for the
	 * application to complete the request.
	 */
	@Override
	public boolean completeIfClientHasGone(Object nativeResponse) {
		if (nativeResponse instanceof ServletResponse servletResponse
				&& this.server.get() instanceof JettyWebServer jetty) {
			ServletContextResponse response = ServletContextResponse.getServletContextResponse(servletResponse);
			// The application closes it with its last write
			if (response.getHttpOutput().isClosed() && !response.hasLastWrite()) {
				jetty.getServer().getThreadPool().execute(response.getServletRequestState()::complete);
				return true;
			}
		}
		return false;
	}

	@Override
	public void abandon() {
		if (this.server.get() instanceof JettyWebServer jetty
				&& jetty.getServer().getThreadPool() instanceof QueuedThreadPool threads) {
			threads.setStopTimeout(0);
		}
	}

	private List<Connector> connectors() {
		return (this.server.get() instanceof JettyWebServer jetty) ? List.of(jetty.getServer().getConnectors())
				: List.of();
	}

}
