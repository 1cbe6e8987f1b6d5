package io.github.gracefulshutdown.web;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.ServingStoppedEvent;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.JobHandle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.Banner.Mode;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The promises of the drain that an embedded server keeps together with Spring MVC or
 * WebFlux, seen through raw sockets.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
public abstract class ServerDrainTests {

	/**
	 * Idle connections linger for 200 ms by default here. That is too short for a test
	 * that uses one.
	 */
	protected static final String LONG_LINGER = "--graceful-shutdown.connector.linger=20s";

	private static final String LAST_CHUNK = "\r\n0\r\n\r\n";

	final List<AutoCloseable> closeables = new ArrayList<>();

	private @Nullable ConfigurableApplicationContext started;

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
		ConfigurableApplicationContext context = context();
		context.close();
		// Another thread may be closing it, and Reactor Netty's event loops are global
		await().atMost(Duration.ofSeconds(60)).until(() -> !context.isActive());
	}

	@ParameterizedTest
	@ValueSource(strings = { "held", "callable", "streaming", "deferred" })
	void aRequestInFlightAtTheSignalIsFinishedAndItsConnectionClosed(String kind) throws Exception {
		assertThatARequestInFlightIsFinished(kind);
	}

	protected final void assertThatARequestInFlightIsFinished(String kind) throws Exception {
		RawConnection connection = connect();
		connection.send("/" + kind + "/one");
		requestsHeld().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		awaitState(DrainState.DRAINING);
		await().until(this::isRefused);
		assertThat(report).isNotDone();
		assertThat(requests().getInFlight()).isEqualTo(1);
		requestsHeld().release("one");
		assertThat(connection.receive()).startsWith("http/1.1 200").contains("connection: close");
		assertThat(connection.isClosedByServer()).isTrue();
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.COMPLETED, 1L).hasSize(1);
	}

	@Test
	void standbyServesOnAndClosesConnectionsUntilTheApplicationResumes() throws Exception {
		RawConnection connection = connect();
		assertThat(gracefulShutdown().standBy("test")).isTrue();
		connection.send("/fast");
		assertThat(connection.receive()).startsWith("http/1.1 200").contains("connection: close");
		assertThat(connection.isClosedByServer()).isTrue();
		RawConnection another = connect();
		another.send("/held/one");
		requestsHeld().awaitArrival("one");
		assertThat(gracefulShutdown().state()).isEqualTo(DrainState.LAME_DUCK);
		assertThat(gracefulShutdown().remaining()).isNull();
		assertThat(gracefulShutdown().resume()).isTrue();
		requestsHeld().release("one");
		assertThat(another.receive()).startsWith("http/1.1 200");
		RawConnection last = connect();
		for (int i = 0; i < 2; i++) {
			last.send("/fast");
			assertThat(last.receive()).startsWith("http/1.1 200").doesNotContain("connection: close");
		}
	}

	@Test
	void aConnectionThatOutlivesTheLingerIsServedWhileAJobRunsOn() throws Exception {
		start("--graceful-shutdown.connector.linger=0s");
		CountDownLatch servingStopped = servingStopped();
		RawConnection connection = connect();
		connection.send("/fast");
		assertThat(connection.receive()).startsWith("http/1.1 200");
		JobHandle job = context().getBean(BackgroundJobs.class).track("job");
		CompletableFuture<DrainReport> report = shutdown();
		assertThat(servingStopped.await(60, TimeUnit.SECONDS)).isTrue();
		connection.send("/fast");
		assertThat(connection.receive()).startsWith("http/1.1 200").contains("connection: close");
		job.close();
		assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
	}

	private CountDownLatch servingStopped() {
		CountDownLatch servingStopped = new CountDownLatch(1);
		context().addApplicationListener((PayloadApplicationEvent<?> event) -> {
			if (event.getPayload() instanceof ServingStoppedEvent) {
				servingStopped.countDown();
			}
		});
		return servingStopped;
	}

	@Test
	void theReadinessProbesRefusalIsNoFailure() throws Exception {
		start("--management.endpoint.health.probes.enabled=true");
		gracefulShutdown().standBy("test");
		RawConnection connection = connect();
		connection.send("/actuator/health/readiness");
		assertThat(connection.receive()).startsWith("http/1.1 503");
		await().until(() -> requests().getInFlight() == 0);
		assertThat(requests().getCount(WorkState.FAILED)).isZero();
		assertThat(requests().getCount(WorkState.COMPLETED)).isEqualTo(1);
	}

	@Test
	void aFailedRequestIsCountedOnce() throws Exception {
		RawConnection connection = connect();
		connection.send("/failing/one");
		requestsHeld().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		requestsHeld().release("one");
		assertThat(connection.receive()).startsWith("http/1.1 500").contains("connection: close");
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.FAILED, 1L).hasSize(1);
	}

	@Test
	void anAsynchronousRequestThatTimesOutIsCountedOnce() throws Exception {
		RawConnection connection = connect();
		connection.send("/timeout/one");
		requestsHeld().awaitArrival("one");
		assertThat(connection.receive()).startsWith("http/1.1 503");
		await().until(() -> requests().getInFlight() == 0);
		assertThat(requests().getCount(WorkState.FAILED)).isEqualTo(1);
		assertThat(requests().getCount(WorkState.COMPLETED)).isZero();
	}

	@Test
	void anIdleConnectionIsServedDuringTheDrainAndThenClosed() throws Exception {
		start(LONG_LINGER);
		assertThatAnIdleConnectionIsServedAndClosed(connect(), connect(), this::isRefused);
	}

	protected final void assertThatAnIdleConnectionIsServedAndClosed(RawConnection idle, RawConnection held,
			Callable<Boolean> isRefused) throws Exception {
		idle.send("/fast");
		assertThat(idle.receive()).startsWith("http/1.1 200").doesNotContain("connection: close");
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(isRefused);
		idle.send("/fast");
		assertThat(idle.receive()).startsWith("http/1.1 200").contains("connection: close");
		assertThat(idle.isClosedByServer()).isTrue();
		requestsHeld().release("one");
		assertThat(held.receive()).startsWith("http/1.1 200").contains("connection: close");
		report.join();
	}

	@Test
	void aClientThatOffersAnUpgradeReceivesConnectionClose() throws Exception {
		HttpClient client = HttpClient.newHttpClient();
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port() + "/fast")).build();
		client.send(request, BodyHandlers.ofString());
		gracefulShutdown().standBy("test");
		assertThat(client.send(request, BodyHandlers.ofString()).headers().firstValue("connection")).hasValue("close");
	}

	@Test
	void duringTheDelayNewConnectionsAreServedAndClosed() throws Exception {
		start("--graceful-shutdown.delay=3s");
		CompletableFuture<DrainReport> report = shutdown();
		awaitState(DrainState.LAME_DUCK);
		await().until(() -> requests().isCloseConnections());
		RawConnection connection = connect();
		connection.send("/fast");
		assertThat(connection.receive()).startsWith("http/1.1 200").contains("connection: close");
		report.join();
	}

	@Test
	void theManagementPortAnswersDuringTheWholeDrain() throws Exception {
		start("--management.server.port=0", "--management.endpoints.web.exposure.include=*");
		int managementPort = context().getEnvironment().getRequiredProperty("local.management.port", Integer.class);
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		try (RawConnection health = new RawConnection(managementPort);
				RawConnection drain = new RawConnection(managementPort)) {
			health.send("/actuator/health");
			assertThat(health.receive()).startsWith("http/1.1 503");
			drain.send("/actuator/drain");
			assertThat(drain.receive()).startsWith("http/1.1 200").doesNotContain("connection: close");
		}
		assertThat(requests().getInFlight()).isEqualTo(1);
		requestsHeld().release("one");
		held.receive();
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.COMPLETED, 1L).hasSize(1);
	}

	@Test
	void aStuckRequestIsAbandonedAndTomcatDoesNotWaitForItAgain() throws Exception {
		start("--graceful-shutdown.grace-period=2s", "--graceful-shutdown.cancel-before-deadline=0s");
		RawConnection connection = connect();
		connection.send("/deferred/stuck");
		requestsHeld().awaitArrival("stuck");
		long begin = System.nanoTime();
		DrainReport report = shutdown().join();
		assertThat(report.abandoned()).singleElement().satisfies((work) -> {
			assertThat(work.name()).isEqualTo("GET /deferred/{id}");
			assertThat(work.state()).isEqualTo(WorkState.WAITING);
		});
		await().until(() -> !context().isActive());
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
	}

	@ParameterizedTest
	@CsvSource({ "GET, tokens", "POST, tokens", "GET, emitter-tokens", "POST, emitter-tokens" })
	void anAnswerThatIsBeingStreamedIsFinished(HttpMethod method, String path) throws Exception {
		RawConnection answer = connect();
		answer.send(method, "/" + path);
		answer.receiveTo("token2");
		CompletableFuture<DrainReport> report = shutdown();
		assertThat(answer.receiveTo(LAST_CHUNK)).contains("token10").endsWith(LAST_CHUNK);
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.COMPLETED, 1L).hasSize(1);
	}

	/**
	 * A chat answer. Plain Spring Boot delivers it, so the starter must too.
	 */
	@ParameterizedTest
	@CsvSource({ "true, tokens", "false, tokens", "true, emitter-tokens", "false, emitter-tokens" })
	void anAnswerIsDeliveredWithTheStarterAsWithout(boolean enabled, String path) throws Exception {
		start("--graceful-shutdown.enabled=" + enabled);
		RawConnection answer = connect();
		answer.send(HttpMethod.POST, "/" + path);
		answer.receiveTo("token2");
		Thread closing = new Thread(context()::close);
		closing.start();
		String rest = answer.receiveTo(LAST_CHUNK);
		for (int token = 3; token <= 10; token++) {
			assertThat(rest).contains("token" + token);
		}
		assertThat(rest).endsWith(LAST_CHUNK);
		closing.join();
	}

	@ParameterizedTest
	@CsvSource({ "POST, answer/one", "GET, lines/one", "GET, answer/one?stream=false" })
	void aResponseThatIsNoSubscriptionIsARequest(HttpMethod method, String path) throws Exception {
		start("--graceful-shutdown.streams.quiet=0s", "--graceful-shutdown.connector.linger=0s");
		RawConnection answer = connect();
		answer.send(method, "/" + path);
		answer.receiveTo("hello");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		await().pollDelay(Duration.ofMillis(300)).until(() -> !report.isDone());
		requestsHeld().release("one");
		assertThat(answer.receiveTo(LAST_CHUNK)).contains("goodbye").endsWith(LAST_CHUNK);
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.COMPLETED, 1L).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "events", "functional-events", "lines/never?stream=true" })
	void aStreamIsEndedLastAndDoesNotLookComplete(String kind) throws Exception {
		CountDownLatch servingStopped = servingStopped();
		RawConnection stream = connect();
		stream.send("/" + kind);
		assertThat(stream.receiveTo("hello")).startsWith("HTTP/1.1 200");
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		JobHandle job = context().getBean(BackgroundJobs.class).track("job");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		requestsHeld().release("one");
		held.receive();
		assertThat(servingStopped.await(60, TimeUnit.SECONDS)).isTrue();
		if (kind.equals("events")) {
			context().publishEvent("result of the job");
			assertThat(stream.receiveTo("result of the job")).endsWith("result of the job");
		}
		assertThat(requests().getInFlight()).isEqualTo(1);
		job.close();
		String rest = stream.receiveTo(LAST_CHUNK);
		assertThat(rest).doesNotEndWith(LAST_CHUNK);
		assertThat(rest.contains("goodbye")).isEqualTo(kind.equals("events"));
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.COMPLETED, 1L)
			.containsEntry(WorkState.CANCELLED, 1L)
			.hasSize(2);
		assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void aStreamThatTheApplicationCompletesIsComplete() throws Exception {
		start("--graceful-shutdown.streams.quiet=0s");
		RawConnection stream = connect();
		stream.send("/completing-events");
		stream.receiveTo("hello");
		CompletableFuture<DrainReport> report = shutdown();
		assertThat(stream.receiveTo(LAST_CHUNK)).endsWith(LAST_CHUNK);
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.COMPLETED, 1L).hasSize(1);
	}

	@Test
	void aStreamThatIsAlwaysWrittenIsEndedBeforeWorkIsInterrupted() throws Exception {
		start("--graceful-shutdown.grace-period=30s", "--graceful-shutdown.cancel-before-deadline=26s");
		RawConnection stream = connect();
		stream.send("/ticks");
		stream.receiveTo("tick");
		DrainReport report = shutdown().join();
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(report.duration()).isGreaterThan(Duration.ofMillis(1500));
		assertThat(report.workloads().get(0).outcomes()).containsEntry(WorkState.CANCELLED, 1L).hasSize(1);
	}

	@Test
	void aStreamThatIsBegunDuringTheDrainIsEndedLastToo() throws Exception {
		start("--graceful-shutdown.connector.linger=4s", "--graceful-shutdown.streams.quiet=0s");
		RawConnection stream = connect();
		stream.send("/fast");
		stream.receive();
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		stream.send("/events");
		assertThat(stream.receiveTo("hello").toLowerCase(Locale.ROOT)).startsWith("http/1.1 200")
			.contains("connection: close");
		requestsHeld().release("one");
		held.receive();
		assertThat(stream.receiveTo(LAST_CHUNK)).contains("goodbye").doesNotEndWith(LAST_CHUNK);
		report.join();
	}

	@Test
	void aStreamIsLeftAloneIfStreamsAreNotToBeEnded() throws Exception {
		start("--graceful-shutdown.streams.end=false", "--graceful-shutdown.grace-period=2s");
		RawConnection stream = connect();
		stream.send("/events");
		stream.receiveTo("hello");
		assertThat(shutdown().join().abandoned()).singleElement()
			.satisfies((work) -> assertThat(work.name()).isEqualTo("GET /events"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "socket", "stomp" })
	void aWebSocketIsClosedLastBecauseTheServerGoesAway(String path) throws Exception {
		CompletableFuture<Integer> closed = new CompletableFuture<>();
		openWebSocket(path, closed).join();
		RawConnection kept = connect();
		kept.send("/fast");
		kept.receive();
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(() -> requests().isRefusingWebSockets());
		kept.sendRaw("GET /" + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
				+ "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
		assertThat(kept.receive()).startsWith("http/1.1 503").contains("connection: close");
		assertThat(closed).isNotDone();
		requestsHeld().release("one");
		held.receive();
		assertThat(closed.get(20, TimeUnit.SECONDS)).isEqualTo(1001);
		assertThat(report.join().abandoned()).isEmpty();
	}

	@Test
	void aWebSocketThatIsStillBeingOpenedIsClosedToo() throws Exception {
		CompletableFuture<Integer> closed = new CompletableFuture<>();
		openWebSocket("held-socket", closed);
		requestsHeld().awaitArrival("socket");
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(() -> requests().isRefusingWebSockets());
		requestsHeld().release("socket");
		requestsHeld().release("one");
		held.receive();
		assertThat(closed.get(20, TimeUnit.SECONDS)).isEqualTo(1001);
		assertThat(report.join().abandoned()).isEmpty();
	}

	private CompletableFuture<WebSocket> openWebSocket(String path, CompletableFuture<Integer> closed) {
		URI uri = URI.create("ws://localhost:" + port() + "/" + path);
		return HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(uri, new WebSocket.Listener() {

			@Override
			public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
				closed.complete(statusCode);
				return null;
			}

		});
	}

	@Test
	void aWebSocketCanBeOpenedInStandby() throws Exception {
		gracefulShutdown().standBy("test");
		RawConnection connection = connect();
		connection.sendRaw("GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
				+ "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
		assertThat(connection.receiveTo("\r\n\r\n").toLowerCase(Locale.ROOT)).startsWith("http/1.1 101")
			.contains("connection: upgrade")
			.doesNotContain("connection: close");
	}

	@Test
	void aSlowUploadIsFinished() throws Exception {
		RawConnection upload = connect();
		upload.sendRaw("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
				+ "Content-Length: 8\r\n\r\n1234");
		await().until(() -> requests().getInFlight() == 1);
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		await().pollDelay(Duration.ofMillis(1000)).until(() -> true);
		assertThat(report).isNotDone();
		upload.sendRaw("5678");
		assertThat(upload.receive()).startsWith("http/1.1 200").contains("connection: close");
		report.join();
	}

	@Test
	void aRequestWhoseClientIsGoneIsCountedOnce() throws Exception {
		RawConnection connection = connect();
		connection.send("/held/one");
		requestsHeld().awaitArrival("one");
		connection.close();
		RequestWorkload requests = requests();
		HeldRequests held = requestsHeld();
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		held.release("one");
		assertThat(report.join().abandoned()).isEmpty();
		assertThat(requests.getInFlight()).isZero();
	}

	/**
	 * Between two writes, and in the middle of one that is larger than all buffers.
	 */
	@ParameterizedTest
	@CsvSource({ "10, false", "20000000, true" })
	void anAnswerWhoseClientGoesWhileItIsWrittenDoesNotHoldTheDrain(int size, boolean reset) throws Exception {
		RawConnection answer = connect();
		answer.send(HttpMethod.POST, "/endless/" + size);
		answer.receiveTo("xxx");
		await().until(() -> requests().describe(1).get(0).state() == WorkState.WAITING);
		if (reset) {
			answer.reset();
		}
		else {
			answer.close();
		}
		requestsHeld().awaitArrival("failure");
		assertThat(shutdown().join().state()).isEqualTo(DrainState.DRAINED);
	}

	@ParameterizedTest
	@CsvSource({ "NONE, held", "FRAMEWORK, held", "FRAMEWORK, deferred" })
	void theNameOfARequestIsThePatternOfItsPath(String forwardedHeaders, String kind) throws Exception {
		start("--server.forward-headers-strategy=" + forwardedHeaders);
		RawConnection connection = connect();
		connection.sendRaw("GET /" + kind + "/secret;session=secret?token=secret HTTP/1.1\r\nHost: localhost\r\n"
				+ "X-Forwarded-Host: example.org\r\n\r\n");
		requestsHeld().awaitArrival("secret");
		assertThat(requests().describe(10)).singleElement()
			.satisfies((work) -> assertThat(work.name()).isEqualTo("GET /" + kind + "/{id}"));
		requestsHeld().release("secret");
		connection.receive();
	}

	@Test
	void theEndpointDoesNotCountTheRequestThatAsks() throws Exception {
		start("--management.endpoints.web.exposure.include=drain");
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		RawConnection connection = connect();
		connection.send("/actuator/drain");
		assertThat(connection.receiveTo("\"threads\":{}}}")).contains("\"name\":\"requests\",\"inFlight\":1")
			.contains("GET /held/{id}")
			.doesNotContain("GET /actuator/drain");
		requestsHeld().release("one");
		held.receive();
	}

	/**
	 * Create the application.
	 * @return a builder of an application on the server that is tested
	 */
	protected abstract SpringApplicationBuilder application();

	protected final ConfigurableApplicationContext context() {
		ConfigurableApplicationContext context = this.started;
		return (context != null) ? context : start();
	}

	protected final ConfigurableApplicationContext start(String... arguments) {
		List<String> all = new ArrayList<>(List.of(arguments));
		all.add("--server.port=0");
		ConfigurableApplicationContext context = application().bannerMode(Mode.OFF)
			.properties("graceful-shutdown.connector.linger=200ms")
			.run(all.toArray(String[]::new));
		this.started = context;
		return context;
	}

	protected final CompletableFuture<DrainReport> shutdown() {
		return gracefulShutdown().shutdown("test").toCompletableFuture();
	}

	protected final GracefulShutdown gracefulShutdown() {
		return context().getBean(GracefulShutdown.class);
	}

	private void awaitState(DrainState state) {
		GracefulShutdown shutdown = gracefulShutdown();
		await().until(() -> shutdown.state() == state);
	}

	protected final RawConnection connect() throws IOException {
		RawConnection connection = new RawConnection(port());
		this.closeables.add(connection);
		return connection;
	}

	// Connections are told to close a moment after the sockets are closed
	protected final boolean isRefused() throws IOException {
		return isRefused(port()) && requests().isCloseConnections();
	}

	protected static boolean isRefused(int port) throws IOException {
		try {
			new RawConnection(port).close();
			return false;
		}
		catch (ConnectException ex) {
			return true;
		}
		catch (SocketException ex) {
			// Reset while it was being opened: the socket is just being closed, and does
			// not refuse yet
			return false;
		}
	}

	protected final int port() {
		return context().getEnvironment().getRequiredProperty("local.server.port", Integer.class);
	}

	final RequestWorkload requests() {
		return context().getBean(RequestWorkload.class);
	}

	protected final HeldRequests requestsHeld() {
		return context().getBean(HeldRequests.class);
	}

}
