package io.github.gracefulshutdown.web.server;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.web.RawConnection;
import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.ServletApplication;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of Spring MVC on Tomcat, seen through raw sockets.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class TomcatDrainTests {

	private final List<AutoCloseable> closeables = new ArrayList<>();

	private ConfigurableApplicationContext context = start();

	private int port = localPort();

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
		this.context.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "held", "callable", "streaming", "deferred" })
	void aRequestInFlightAtTheSignalIsFinishedAndItsConnectionClosed(String kind) throws Exception {
		RawConnection connection = connect();
		connection.send("/" + kind + "/one");
		controller().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		awaitState(DrainState.DRAINING);
		await().until(this::isRefused);
		assertThat(report).isNotDone();
		assertThat(requests().getInFlight()).isEqualTo(1);
		controller().release("one");
		assertThat(connection.receive()).startsWith("http/1.1 200").contains("connection: close");
		assertThat(connection.isClosedByServer()).isTrue();
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.COMPLETED, 1L).hasSize(1);
	}

	@Test
	void aFailedRequestIsCountedOnce() throws Exception {
		RawConnection connection = connect();
		connection.send("/failing/one");
		controller().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		awaitState(DrainState.DRAINING);
		controller().release("one");
		assertThat(connection.receive()).startsWith("http/1.1 500").contains("connection: close");
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.FAILED, 1L).hasSize(1);
	}

	@Test
	void anAsynchronousRequestThatTimesOutIsCountedOnce() throws Exception {
		RawConnection connection = connect();
		connection.send("/timeout/one");
		controller().awaitArrival("one");
		assertThat(connection.receive()).startsWith("http/1.1 503");
		await().until(() -> requests().getInFlight() == 0);
		assertThat(requests().getCount(WorkState.FAILED)).isEqualTo(1);
		assertThat(requests().getCount(WorkState.COMPLETED)).isZero();
	}

	@Test
	void anIdleConnectionIsServedDuringTheDrainAndThenClosed() throws Exception {
		RawConnection idle = connect();
		idle.send("/fast");
		assertThat(idle.receive()).startsWith("http/1.1 200").doesNotContain("connection: close");
		RawConnection held = connect();
		held.send("/held/one");
		controller().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		idle.send("/fast");
		assertThat(idle.receive()).startsWith("http/1.1 200").contains("connection: close");
		assertThat(idle.isClosedByServer()).isTrue();
		controller().release("one");
		held.receive();
		report.join();
	}

	@Test
	void anIdleConnectionMaySendARequestWhileItLingers() throws Exception {
		restart("--graceful-shutdown.connector.linger=20s");
		RawConnection idle = connect();
		idle.send("/fast");
		idle.receive();
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		assertThat(report).isNotDone();
		idle.send("/fast");
		assertThat(idle.receive()).startsWith("http/1.1 200").contains("connection: close");
		assertThat(report.join().duration()).isLessThan(Duration.ofSeconds(15));
	}

	@Test
	void aConnectionThatHasBeenIdleForLongMaySendARequestToo() throws Exception {
		restart("--graceful-shutdown.connector.linger=3s");
		RawConnection idle = connect();
		idle.send("/fast");
		idle.receive();
		RawConnection fresh = connect();
		await().pollDelay(Duration.ofMillis(3500)).until(() -> true);
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		idle.send("/fast");
		assertThat(idle.receive()).startsWith("http/1.1 200").contains("connection: close");
		fresh.send("/fast");
		assertThat(fresh.receive()).startsWith("http/1.1 200").contains("connection: close");
		report.join();
	}

	@Test
	void aClientThatOffersAnUpgradeIsToldToClose() throws Exception {
		restart("--graceful-shutdown.delay=3s");
		HttpClient client = HttpClient.newHttpClient();
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + "/fast")).build();
		client.send(request, BodyHandlers.ofString());
		shutdown();
		await().until(() -> requests().isCloseConnections());
		assertThat(client.send(request, BodyHandlers.ofString()).headers().firstValue("connection")).hasValue("close");
	}

	@Test
	void withoutOpenConnectionsNothingLingers() throws Exception {
		restart("--graceful-shutdown.connector.linger=20s");
		try (RawConnection connection = new RawConnection(this.port)) {
			connection.send("/fast");
			connection.receive();
		}
		assertThat(shutdown().join().duration()).isLessThan(Duration.ofSeconds(15));
	}

	@Test
	void duringTheDelayNewConnectionsAreServedAndToldToClose() throws Exception {
		restart("--graceful-shutdown.delay=3s");
		CompletableFuture<DrainReport> report = shutdown();
		awaitState(DrainState.LAME_DUCK);
		await().until(() -> requests().isCloseConnections());
		RawConnection connection = connect();
		connection.send("/fast");
		assertThat(connection.receive()).startsWith("http/1.1 200").contains("connection: close");
		report.join();
	}

	@Test
	void http2IsNotToldToClose() throws Exception {
		restart("--server.http2.enabled=true", "--graceful-shutdown.delay=3s");
		HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + "/fast")).build();
		var before = client.send(request, BodyHandlers.ofString());
		assertThat(before.version()).isEqualTo(HttpClient.Version.HTTP_2);
		shutdown();
		await().until(() -> requests().isCloseConnections());
		var during = client.send(request, BodyHandlers.ofString());
		assertThat(during.version()).isEqualTo(HttpClient.Version.HTTP_2);
		assertThat(during.statusCode()).isEqualTo(200);
		assertThat(during.headers().firstValue("connection")).isEmpty();
	}

	@Test
	void withoutPausingTheConnectorStaysOpenUntilTheDrainHasEnded() throws Exception {
		restart("--graceful-shutdown.connector.pause=false");
		RawConnection held = connect();
		held.send("/held/one");
		controller().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(() -> requests().isCloseConnections());
		RawConnection connection = connect();
		connection.send("/fast");
		assertThat(connection.receive()).startsWith("http/1.1 200").contains("connection: close");
		controller().release("one");
		report.join();
	}

	@Test
	void whatIsStuckIsAbandonedAndTomcatDoesNotWaitForItAgain() throws Exception {
		restart("--graceful-shutdown.grace-period=2s", "--graceful-shutdown.cancel-before-deadline=0s");
		RawConnection connection = connect();
		connection.send("/deferred/stuck");
		controller().awaitArrival("stuck");
		long begin = System.nanoTime();
		DrainReport report = shutdown().join();
		assertThat(report.abandoned()).singleElement().satisfies((work) -> {
			assertThat(work.name()).isEqualTo("GET /deferred/stuck");
			assertThat(work.state()).isEqualTo(WorkState.WAITING);
		});
		await().until(() -> !this.context.isActive());
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
	}

	@Test
	void theNameOfARequestHasNoQueryAndNoPathParameters() throws Exception {
		RawConnection connection = connect();
		connection.send("/held/one;session=secret?token=secret");
		controller().awaitArrival("one");
		assertThat(requests().describe(10)).singleElement()
			.satisfies((work) -> assertThat(work.name()).isEqualTo("GET /held/one"));
		controller().release("one");
		connection.receive();
	}

	private static ConfigurableApplicationContext start(String... arguments) {
		List<String> all = new ArrayList<>(List.of(arguments));
		all.add("--server.port=0");
		return new SpringApplicationBuilder(ServletApplication.class).run(all.toArray(String[]::new));
	}

	private void restart(String... arguments) {
		this.context.close();
		this.context = start(arguments);
		this.port = localPort();
	}

	private CompletableFuture<DrainReport> shutdown() {
		return this.context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture();
	}

	private void awaitState(DrainState state) {
		GracefulShutdown shutdown = this.context.getBean(GracefulShutdown.class);
		await().until(() -> shutdown.state() == state);
	}

	private RawConnection connect() throws IOException {
		RawConnection connection = new RawConnection(this.port);
		this.closeables.add(connection);
		return connection;
	}

	private boolean isRefused() throws IOException {
		try {
			new RawConnection(this.port).close();
			return false;
		}
		catch (ConnectException ex) {
			return true;
		}
	}

	private int localPort() {
		return this.context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
	}

	private RequestWorkload requests() {
		return this.context.getBean(RequestWorkload.class);
	}

	private ServletApplication.Controller controller() {
		return this.context.getBean(ServletApplication.Controller.class);
	}

}
