package io.github.gracefulshutdown.cloud;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import io.github.gracefulshutdown.GracefulShutdown;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Sinks;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A client of Eureka leaves the registry.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class RegistrationDrainTests {

	private RegistryServer registry;

	private ConfigurableApplicationContext context;

	@BeforeEach
	void startRegistry() throws IOException {
		this.registry = new RegistryServer();
	}

	private void start(String... properties) {
		this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.REACTIVE)
			.properties(properties)
			.run("--spring.application.name=service", "--server.port=0", "--eureka.client.enabled=true",
					"--eureka.client.service-url.defaultZone=http://localhost:" + this.registry.port() + "/eureka/");
		await().until(() -> this.registry.states().contains("UP"));
	}

	private int port() {
		return this.context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
	}

	private CompletableFuture<Void> close() {
		return CompletableFuture.runAsync(this.context::close, (code) -> new Thread(code).start());
	}

	@AfterEach
	void stop() {
		this.context.close();
		this.registry.close();
	}

	@ParameterizedTest
	@CsvSource({ "true, OUT_OF_SERVICE", "false, DOWN" })
	void theRegistryIsToldBeforeTheRequestsInFlightEnd(boolean enabled, String state) {
		start("graceful-shutdown.enabled=" + enabled);
		Application application = this.context.getBean(Application.class);
		CompletableFuture<HttpResponse<String>> response = HttpClient.newHttpClient()
			.sendAsync(HttpRequest.newBuilder(URI.create("http://localhost:%d/held".formatted(port()))).build(),
					BodyHandlers.ofString());
		application.arrived.join();
		CompletableFuture<Void> closed = close();
		await().untilAsserted(() -> assertThat(this.registry.states()).containsExactly("UP", state));
		assertThat(response).isNotDone();
		application.released.tryEmitValue("released").orThrow();
		assertThat(response.join().body()).isEqualTo("released");
		closed.join();
		assertThat(this.registry.states()).endsWith("removed");
	}

	@Test
	void theRegistryIsToldBeforeTheSocketsRefuse() {
		start("graceful-shutdown.delay=2s");
		int port = port();
		Map<String, Boolean> accepting = new ConcurrentHashMap<>();
		this.registry.onState = (state) -> accepting.put(state, isAccepting(port));
		close().join();
		assertThat(accepting).containsEntry("OUT_OF_SERVICE", true).containsEntry("removed", false);
	}

	private static boolean isAccepting(int port) {
		try (Socket socket = new Socket("localhost", port)) {
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	@Test
	void theRegistryIsToldInStandbyAndAfterIt() {
		start();
		GracefulShutdown shutdown = this.context.getBean(GracefulShutdown.class);
		shutdown.standBy("test");
		await().untilAsserted(() -> assertThat(this.registry.states()).endsWith("OUT_OF_SERVICE"));
		shutdown.resume();
		await().untilAsserted(() -> assertThat(this.registry.states()).endsWith("OUT_OF_SERVICE", "UP"));
	}

	/**
	 * A service.
	 */
	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Application {

		final CompletableFuture<Void> arrived = new CompletableFuture<>();

		final Sinks.One<String> released = Sinks.one();

		@Bean
		RouterFunction<ServerResponse> held() {
			return RouterFunctions.route().GET("/held", (request) -> {
				this.arrived.complete(null);
				return ServerResponse.ok().body(this.released.asMono(), String.class);
			}).build();
		}

	}

}
