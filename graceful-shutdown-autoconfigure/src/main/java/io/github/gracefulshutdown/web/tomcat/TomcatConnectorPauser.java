package io.github.gracefulshutdown.web.tomcat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import io.github.gracefulshutdown.web.ConnectorPauser;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Service;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.ProtocolHandler;
import org.apache.tomcat.websocket.WsWebSocketContainer;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.WebServer;

/**
 * {@link ConnectorPauser} for Tomcat. It does not call {@link Connector#pause()}: after
 * that, Tomcat closes idle connections without an answer to their next request.
 *
 * @author The Graceful Shutdown authors
 */
public final class TomcatConnectorPauser implements ConnectorPauser {

	private static final String WEB_SOCKET_CONTAINER = "jakarta.websocket.server.ServerContainer";

	private final Supplier<@Nullable WebServer> server;

	/**
	 * Create a pauser.
	 * @param server supplies the server, or {@code null} if the application has none
	 */
	public TomcatConnectorPauser(Supplier<@Nullable WebServer> server) {
		this.server = server;
	}

	@Override
	public boolean isRunning() {
		return this.server.get() instanceof TomcatWebServer;
	}

	@Override
	public void pause() {
		for (Connector connector : connectors()) {
			connector.getProtocolHandler().closeServerSocketGraceful();
		}
	}

	@Override
	public boolean hasOpenConnections() {
		for (Connector connector : connectors()) {
			if (hasOpenConnections(connector.getProtocolHandler())) {
				return true;
			}
		}
		return false;
	}

	// Tomcat does not count its connections once the socket is closed, but it can wait
	// for them: if some are open, no time is left
	private static boolean hasOpenConnections(ProtocolHandler protocol) {
		return (protocol instanceof BacklogHttp11NioProtocol backlog) ? backlog.hasOpenConnections()
				: protocol.awaitConnectionsClose(1) <= 0;
	}

	/**
	 * Tomcat has no public list of its sessions, but {@code destroy()} closes them with
	 * this code. It may be called repeatedly, and returns when the code is sent.
	 */
	@Override
	public boolean closeWebSockets(Duration quiet) {
		if (this.server.get() instanceof TomcatWebServer tomcat) {
			for (Container child : tomcat.getTomcat().getHost().findChildren()) {
				Object container = ((Context) child).getServletContext().getAttribute(WEB_SOCKET_CONTAINER);
				if (container != null) {
					((WsWebSocketContainer) container).destroy();
				}
			}
		}
		return false;
	}

	/**
	 * Tomcat's word for a client that has gone: it logs all other exceptions, and adds an
	 * error page to the response.
	 */
	@Override
	public Exception cut(Object nativeResponse) {
		return new ClientAbortException("The stream was ended by the shutdown");
	}

	@Override
	public void abandon() {
		for (Connector connector : connectors()) {
			connector.setProperty("executorTerminationTimeoutMillis", "0");
		}
	}

	private List<Connector> connectors() {
		List<Connector> connectors = new ArrayList<>();
		if (this.server.get() instanceof TomcatWebServer tomcat) {
			for (Service service : tomcat.getTomcat().getServer().findServices()) {
				connectors.addAll(List.of(service.findConnectors()));
			}
		}
		return connectors;
	}

}
