package io.github.gracefulshutdown.web.server;

import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.web.Http2Connection;
import io.github.gracefulshutdown.web.RawConnection;
import io.github.gracefulshutdown.web.ServletApplication;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.Http11NioProtocol;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The drain of Spring MVC on Tomcat.
 *
 * @author The Graceful Shutdown authors
 */
class TomcatDrainTests extends ServerDrainTests {

	@Test
	void connectionsInTheBacklogAreServed() throws Exception {
		start("--server.tomcat.max-connections=1");
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		List<RawConnection> backlog = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			RawConnection connection = connect();
			connection.send("/fast");
			backlog.add(connection);
		}
		CompletableFuture<DrainReport> report = shutdown();
		for (RawConnection connection : backlog) {
			assertThat(connection.receive()).startsWith("http/1.1 200");
		}
		await().until(this::isRefused);
		requestsHeld().release("one");
		assertThat(held.receive()).startsWith("http/1.1 200").contains("connection: close");
		report.join();
	}

	@Test
	void anHttp2ConnectionInTheBacklogIsToldToGoAway() throws Exception {
		start("--server.http2.enabled=true", "--server.tomcat.max-connections=1",
				"--graceful-shutdown.connector.linger=5s");
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		try (Http2Connection connection = new Http2Connection(port())) {
			CompletableFuture<DrainReport> report = shutdown();
			connection.awaitGoAway();
			requestsHeld().release("one");
			held.receive();
			report.join();
		}
	}

	@Test
	void anAdditionalConnectorIsPausedToo() throws Exception {
		start("--test.additional-connector=true");
		Connector additional = context().getBean(Connector.class);
		RawConnection idle = new RawConnection(additional.getLocalPort());
		idle.send("/fast");
		assertThat(idle.receive()).startsWith("http/1.1 200").doesNotContain("connection: close");
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		int port = additional.getLocalPort();
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		await().untilAsserted(() -> assertThatExceptionOfType(ConnectException.class)
			.isThrownBy(() -> new RawConnection(port).close()));
		idle.send("/fast");
		assertThat(idle.receive()).startsWith("http/1.1 200").contains("connection: close");
		assertThat(idle.isClosedByServer()).isTrue();
		requestsHeld().release("one");
		held.receive();
		report.join();
	}

	@Test
	void aProtocolOfTheApplicationIsKept() throws Exception {
		start("--test.protocol=" + ApplicationProtocol.class.getName());
		assertThat(((WebServerApplicationContext) context()).getWebServer())
			.asInstanceOf(InstanceOfAssertFactories.type(TomcatWebServer.class))
			.satisfies((server) -> assertThat(server.getTomcat().getConnector().getProtocolHandler())
				.isInstanceOf(ApplicationProtocol.class));
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		requestsHeld().release("one");
		assertThat(held.receive()).startsWith("http/1.1 200").contains("connection: close");
		report.join();
	}

	@Override
	SpringApplicationBuilder application() {
		return EmbeddedServer.TOMCAT.application(ServletApplication.class, WebApplicationType.SERVLET)
			.sources(TomcatConfiguration.class);
	}

	/**
	 * Configures Tomcat as some applications do.
	 */
	@Configuration(proxyBeanMethods = false)
	static class TomcatConfiguration {

		@Bean
		@ConditionalOnBooleanProperty("test.additional-connector")
		Connector additionalConnector() {
			Connector connector = new Connector();
			connector.setPort(0);
			return connector;
		}

		@Bean
		WebServerFactoryCustomizer<TomcatWebServerFactory> tomcatCustomizer(ObjectProvider<Connector> connectors,
				@Value("${test.protocol:}") String protocol) {
			return (factory) -> {
				connectors.ifAvailable(factory::addAdditionalConnectors);
				if (!protocol.isEmpty()) {
					factory.setProtocol(protocol);
				}
			};
		}

	}

	/**
	 * A protocol that an application has chosen.
	 */
	public static class ApplicationProtocol extends Http11NioProtocol {

	}

}
