package io.github.gracefulshutdown.web.server;

import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.gracefulshutdown.web.ConnectorPauser;
import org.apache.catalina.connector.Connector;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.WebServer;

/**
 * {@link ConnectorPauser} for Tomcat. Does not call {@link Connector#pause()}, after
 * which Tomcat closes idle connections without an answer to the request that comes on
 * them.
 *
 * @author The Graceful Shutdown authors
 */
public final class TomcatConnectorPauser implements ConnectorPauser {

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
		return this.server.get() != null;
	}

	@Override
	public void pause() {
		connectors().forEach((connector) -> connector.getProtocolHandler().closeServerSocketGraceful());
	}

	/**
	 * Once its socket is closed, Tomcat does not tell the number of its connections any
	 * more, but it can wait for them: the answer is no time left if there are some.
	 */
	@Override
	public boolean hasOpenConnections() {
		return connectors().anyMatch((connector) -> connector.getProtocolHandler().awaitConnectionsClose(1) <= 0);
	}

	@Override
	public void abandon() {
		connectors().forEach((connector) -> connector.setProperty("executorTerminationTimeoutMillis", "0"));
	}

	private Stream<Connector> connectors() {
		if (this.server.get() instanceof TomcatWebServer tomcat) {
			return Stream.of(tomcat.getTomcat().getServer().findServices())
				.flatMap((service) -> Stream.of(service.findConnectors()));
		}
		return Stream.empty();
	}

}
