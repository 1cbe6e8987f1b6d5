package io.github.gracefulshutdown.web.tomcat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Objects;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.web.ConnectorDrainTests;
import io.github.gracefulshutdown.web.EmbeddedServer;
import io.github.gracefulshutdown.web.RawConnection;
import io.github.gracefulshutdown.web.ServletApplication;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.ProtocolHandler;
import org.apache.coyote.http11.Http11NioProtocol;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The drain of Spring MVC on Tomcat.
 *
 * @author The Graceful Shutdown authors
 */
class TomcatDrainTests extends ConnectorDrainTests {

	@Test
	void theEndpointGoesIntoStandbyIfItIsAllowedTo() throws Exception {
		start("--management.endpoints.web.exposure.include=drain", "--management.endpoint.drain.access=unrestricted");
		HttpResponse<String> drained = endpoint("POST", "{\"reason\": \"maintenance\\nFAKE LINE\"}");
		assertThat(drained.statusCode()).isEqualTo(200);
		assertThat(drained.body()).contains("\"state\":\"LAME_DUCK\"").doesNotContain("deadline", "remaining");
		assertThat(gracefulShutdown().state()).isEqualTo(DrainState.LAME_DUCK);
		HttpResponse<String> resumed = endpoint("DELETE", "");
		assertThat(resumed.body()).contains("\"state\":\"RUNNING\"");
		assertThat(endpoint("POST", "{}").body()).contains("\"state\":\"LAME_DUCK\"");
	}

	@Test
	void theEndpointDoesNotDrainByDefault() throws Exception {
		start("--management.endpoints.web.exposure.include=drain");
		assertThat(endpoint("POST", "{}").statusCode()).isEqualTo(405);
		assertThat(endpoint("DELETE", "").statusCode()).isEqualTo(405);
		assertThat(endpoint("GET", "").statusCode()).isEqualTo(200);
		assertThat(gracefulShutdown().state()).isEqualTo(DrainState.RUNNING);
	}

	private HttpResponse<String> endpoint(String method, String body) throws Exception {
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port() + "/actuator/drain"))
				.header("Content-Type", "application/json")
				.method(method, BodyPublishers.ofString(body))
				.build(), BodyHandlers.ofString());
	}

	@Test
	void anAdditionalConnectorIsPausedToo() throws Exception {
		start("--test.additional-connector=true", LONG_LINGER);
		int port = context().getBean(Connector.class).getLocalPort();
		assertThatAnIdleConnectionIsServedAndClosed(new RawConnection(port), connect(),
				() -> isRefused(port) && isRefused());
	}

	@Test
	void aProtocolOfTheApplicationIsKept() throws Exception {
		start("--test.protocol=" + ApplicationProtocol.class.getName());
		assertThat(protocol()).isInstanceOf(ApplicationProtocol.class);
		assertThatARequestInFlightIsFinished("held");
	}

	@Test
	void ifConnectorsAreNotPausedTheProtocolIsTomcatsOwn() {
		assertThat(protocol()).isInstanceOf(BacklogHttp11NioProtocol.class);
		start("--graceful-shutdown.connector.pause=false");
		assertThat(protocol()).isExactlyInstanceOf(Http11NioProtocol.class);
	}

	@Test
	void ifTheBacklogIsNotServedTheProtocolIsTomcatsOwnAndItsConnectorIsPaused() throws Exception {
		start("--graceful-shutdown.connector.serve-backlog=false");
		assertThat(protocol()).isExactlyInstanceOf(Http11NioProtocol.class);
		assertThatARequestInFlightIsFinished("held");
	}

	private ProtocolHandler protocol() {
		WebServer server = Objects.requireNonNull(((WebServerApplicationContext) context()).getWebServer());
		return ((TomcatWebServer) server).getTomcat().getConnector().getProtocolHandler();
	}

	@Override
	protected SpringApplicationBuilder application() {
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
