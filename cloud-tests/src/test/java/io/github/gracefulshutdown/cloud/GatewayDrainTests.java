package io.github.gracefulshutdown.cloud;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

/**
 * The drain of Spring Cloud Gateway while it passes on the streams of a service.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class GatewayDrainTests {

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final Sinks.Many<String> stream = Sinks.many().unicast().onBackpressureBuffer();

	private final Sinks.One<String> held = Sinks.one();

	private final CompletableFuture<Void> heldArrived = new CompletableFuture<>();

	private DisposableServer service;

	private ConfigurableApplicationContext context;

	private GracefulShutdown shutdown;

	@BeforeEach
	void start() {
		this.service = HttpServer.create()
			.port(0)
			.route((routes) -> routes
				.get("/events", (request, response) -> response.sse().sendString(lines("data:%s\n\n")))
				.get("/export",
						(request, response) -> response.header("Content-Type", "application/x-ndjson")
							.sendString(lines("{\"line\":\"%s\"}\n")))
				.get("/held", (request, response) -> {
					this.heldArrived.complete(null);
					return response.sendString(this.held.asMono());
				}))
			.bindNow();
		this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.REACTIVE)
			.run("--spring.cloud.gateway.server.webflux.enabled=true", "--server.port=0",
					"--graceful-shutdown.streams.quiet=200ms",
					"--test.service=http://localhost:" + this.service.port());
		this.shutdown = this.context.getBean(GracefulShutdown.class);
	}

	// Each line is sent at once
	private Flux<String> lines(String format) {
		return this.stream.asFlux().map(format::formatted);
	}

	@AfterEach
	void stop() {
		this.context.close();
		// Its end would wait for the connections in the pool of the gateway
		this.service.dispose();
	}

	private HttpRequest get(String path) {
		String port = this.context.getEnvironment().getRequiredProperty("local.server.port");
		return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build();
	}

	private BufferedReader open(String path) throws Exception {
		this.stream.tryEmitNext("one").orThrow();
		HttpResponse<InputStream> response = this.client.send(get(path), BodyHandlers.ofInputStream());
		assertThat(response.statusCode()).isEqualTo(200);
		BufferedReader reader = new BufferedReader(new InputStreamReader(response.body()));
		assertThat(reader.readLine()).contains("one");
		return reader;
	}

	private CompletableFuture<DrainReport> shutDown() {
		CompletableFuture<DrainReport> report = beginToShutDown();
		await().until(() -> this.shutdown.state() == DrainState.DRAINING);
		return report;
	}

	private CompletableFuture<DrainReport> beginToShutDown() {
		return this.shutdown.shutdown("test").toCompletableFuture();
	}

	// Longer than a quiet event stream is left open if nothing else is in flight
	private static void awaitQuiet(CompletableFuture<DrainReport> report) {
		await().during(Duration.ofMillis(600)).until(() -> !report.isDone());
	}

	@Test
	void anEventStreamThatEndsByItselfArrivesWholeWhileOtherRequestsAreInFlight() throws Exception {
		BufferedReader events = open("/events");
		CompletableFuture<HttpResponse<String>> other = this.client.sendAsync(get("/held"), BodyHandlers.ofString());
		this.heldArrived.join();
		CompletableFuture<DrainReport> report = shutDown();
		awaitQuiet(report);
		this.stream.tryEmitNext("two").orThrow();
		this.stream.tryEmitComplete().orThrow();
		assertThat(events.lines()).containsExactly("", "data:two", "");
		assertThat(report).isNotDone();
		this.held.tryEmitValue("released").orThrow();
		assertThat(other.join().body()).isEqualTo("released");
		assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void anExportArrivesWhole() throws Exception {
		BufferedReader export = open("/export");
		CompletableFuture<DrainReport> report = shutDown();
		awaitQuiet(report);
		this.stream.tryEmitNext("two").orThrow();
		this.stream.tryEmitComplete().orThrow();
		assertThat(export.lines()).containsExactly("{\"line\":\"two\"}");
		assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void anEndlessEventStreamDoesNotHoldTheDrainAndDoesNotLookComplete() throws Exception {
		BufferedReader events = open("/events");
		DrainReport report = beginToShutDown().join();
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(report.duration()).isLessThan(Duration.ofSeconds(20));
		assertThatIOException().isThrownBy(() -> {
			while (events.readLine() != null) {
				// To the end
			}
		});
	}

	/**
	 * A gateway to one service.
	 */
	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Application {

		@Bean
		RouteLocator routes(RouteLocatorBuilder builder, Environment environment) {
			return builder.routes()
				.route("service", (route) -> route.path("/**").uri(environment.getRequiredProperty("test.service")))
				.build();
		}

	}

}
