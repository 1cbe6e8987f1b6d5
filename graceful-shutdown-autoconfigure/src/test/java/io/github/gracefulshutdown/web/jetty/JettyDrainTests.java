package io.github.gracefulshutdown.web.jetty;

import java.util.Objects;

import io.github.gracefulshutdown.web.ConnectorDrainTests;
import io.github.gracefulshutdown.web.EmbeddedServer;
import io.github.gracefulshutdown.web.ServletApplication;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jetty.JettyWebServer;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The drain of Spring MVC on Jetty.
 *
 * @author The Graceful Shutdown authors
 */
class JettyDrainTests extends ConnectorDrainTests {

	@Test
	void theAcceptorsAreJettysOwn() {
		assertThat(acceptors()).isEqualTo(1);
	}

	@Test
	void withoutAcceptorsAnIdleConnectionIsServedToo() throws Exception {
		start(WITHOUT_ACCEPTORS, LONG_LINGER);
		assertThatAnIdleConnectionIsServedAndClosed(connect(), connect(), this::isRefused);
		assertThat(acceptors()).isZero();
	}

	private int acceptors() {
		WebServer server = Objects.requireNonNull(((WebServerApplicationContext) context()).getWebServer());
		return ((ServerConnector) ((JettyWebServer) server).getServer().getConnectors()[0]).getAcceptors();
	}

	@Override
	protected SpringApplicationBuilder application() {
		return EmbeddedServer.JETTY.application(ServletApplication.class, WebApplicationType.SERVLET);
	}

}
