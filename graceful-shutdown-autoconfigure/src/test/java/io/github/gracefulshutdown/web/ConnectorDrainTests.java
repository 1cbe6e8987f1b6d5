package io.github.gracefulshutdown.web;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.WorkState;
import org.eclipse.jetty.client.RetryableRequestException;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The promises of the drain that depend on the embedded server alone, seen through raw
 * sockets.
 *
 * @author The Graceful Shutdown authors
 */
public abstract class ConnectorDrainTests extends ServerDrainTests {

	private static final String[] TLS = { "--server.ssl.bundle=localhost",
			"--spring.ssl.bundle.jks.localhost.keystore.location=classpath:localhost.p12",
			"--spring.ssl.bundle.jks.localhost.keystore.password=secret",
			"--spring.ssl.bundle.jks.localhost.keystore.type=PKCS12" };

	/**
	 * Lets Jetty serve its backlog.
	 */
	protected static final String WITHOUT_ACCEPTORS = "--server.jetty.threads.acceptors=0";

	@Test
	void connectionsInTheBacklogAreServed() throws Exception {
		start(WITHOUT_ACCEPTORS);
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		stopAccepting();
		List<RawConnection> backlog = new ArrayList<>();
		// More than Netty accepts at a time
		for (int i = 0; i < 40; i++) {
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
	void connectionsInTheBacklogAreResetIfItIsNotServed() throws Exception {
		start(WITHOUT_ACCEPTORS, "--graceful-shutdown.connector.serve-backlog=false");
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		stopAccepting();
		RawConnection backlog = connect();
		backlog.send("/fast");
		CompletableFuture<DrainReport> report = shutdown();
		assertThatExceptionOfType(SocketException.class).isThrownBy(backlog::receive).withMessageContaining("reset");
		await().until(this::isRefused);
		assertThat(report).isNotDone();
		requestsHeld().release("one");
		assertThat(held.receive()).startsWith("http/1.1 200").contains("connection: close");
		report.join();
	}

	@Test
	void theDrainDoesNotEndBeforeTheBacklogIsServed() throws Exception {
		start(WITHOUT_ACCEPTORS, LONG_LINGER);
		stopAccepting();
		RawConnection connection = connect();
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		assertThat(report).isNotDone();
		connection.send("/fast");
		assertThat(connection.receive()).startsWith("http/1.1 200").contains("connection: close");
		assertThat(report.join().duration()).isLessThan(Duration.ofSeconds(15));
	}

	@Test
	void anHttp2ConnectionInTheBacklogReceivesAGoAway() throws Exception {
		start(WITHOUT_ACCEPTORS, "--server.http2.enabled=true", "--graceful-shutdown.connector.linger=5s");
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		stopAccepting();
		try (Http2Connection connection = new Http2Connection(port())) {
			CompletableFuture<DrainReport> report = shutdown();
			connection.awaitGoAway();
			requestsHeld().release("one");
			held.receive();
			report.join();
		}
	}

	@Test
	void anIdleConnectionMaySendARequestWhileItLingers() throws Exception {
		start(LONG_LINGER);
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
		start("--graceful-shutdown.connector.linger=2s");
		RawConnection idle = connect();
		idle.send("/fast");
		idle.receive();
		RawConnection fresh = connect();
		await().pollDelay(Duration.ofMillis(2200)).until(() -> true);
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		idle.send("/fast");
		assertThat(idle.receive()).startsWith("http/1.1 200").contains("connection: close");
		fresh.send("/fast");
		assertThat(fresh.receive()).startsWith("http/1.1 200").contains("connection: close");
		report.join();
	}

	@Test
	void withoutOpenConnectionsNothingLingers() throws Exception {
		start(LONG_LINGER);
		try (RawConnection connection = new RawConnection(port())) {
			connection.send("/fast");
			connection.receive();
		}
		assertThat(shutdown().join().duration()).isLessThan(Duration.ofSeconds(15));
	}

	@Test
	void http2ResponsesHaveNoConnectionHeader() throws Exception {
		start("--server.http2.enabled=true");
		HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port() + "/fast")).build();
		var before = client.send(request, BodyHandlers.ofString());
		assertThat(before.version()).isEqualTo(HttpClient.Version.HTTP_2);
		gracefulShutdown().standBy("test");
		var during = client.send(request, BodyHandlers.ofString());
		assertThat(during.version()).isEqualTo(HttpClient.Version.HTTP_2);
		assertThat(during.statusCode()).isEqualTo(200);
		assertThat(during.headers().firstValue("connection")).isEmpty();
	}

	@Test
	void http2StreamsInFlightAreFinishedAndTheConnectionGoesAway() throws Exception {
		start("--server.http2.enabled=true");
		Http2Connection connection = new Http2Connection(port());
		this.closeables.add(connection);
		CompletableFuture<MetaData.Response> response = connection.send("/held/one");
		requestsHeld().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		connection.awaitGoAway();
		assertThat(report).isNotDone();
		requestsHeld().release("one");
		assertThat(response.get(20, TimeUnit.SECONDS).getStatus()).isEqualTo(200);
		assertThat(response.join().getHttpFields().contains("connection")).isFalse();
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.COMPLETED, 1L).hasSize(1);
	}

	@Test
	void anHttp2StreamThatIsCutIsReset() throws Exception {
		start("--server.http2.enabled=true", "--graceful-shutdown.streams.quiet=0s");
		Http2Connection connection = new Http2Connection(port());
		this.closeables.add(connection);
		CompletableFuture<MetaData.Response> response = connection.send("/events");
		assertThat(response.get(20, TimeUnit.SECONDS).getStatus()).isEqualTo(200);
		CompletableFuture<DrainReport> report = shutdown();
		connection.awaitReset();
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.CANCELLED, 1L).hasSize(1);
	}

	@Test
	void anHttp2ClientThatObeysLosesNoRequest() throws Exception {
		start("--server.http2.enabled=true");
		try (org.eclipse.jetty.client.HttpClient client = new org.eclipse.jetty.client.HttpClient(
				new HttpClientTransportOverHTTP2(new HTTP2Client()))) {
			client.start();
			getUntilRefused(client, "http", connect());
		}
	}

	private void getUntilRefused(org.eclipse.jetty.client.HttpClient client, String scheme, RawConnection held)
			throws Exception {
		String uri = scheme + "://localhost:" + port() + "/fast";
		assertThat(client.GET(uri).getStatus()).isEqualTo(200);
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> {
			while (true) {
				assertThat(getAndRetryIfAllowed(client, uri)).isEqualTo(200);
			}
		}).withCauseInstanceOf(ConnectException.class);
		requestsHeld().release("one");
		held.receive();
		report.join();
	}

	private static int getAndRetryIfAllowed(org.eclipse.jetty.client.HttpClient client, String uri) throws Exception {
		try {
			return client.GET(uri).getStatus();
		}
		catch (ExecutionException ex) {
			if (isNotSent(ex.getCause())) {
				return getAndRetryIfAllowed(client, uri);
			}
			throw ex;
		}
	}

	// Jetty's client may choose a connection that it closes just then
	private static boolean isNotSent(@Nullable Throwable cause) {
		return cause instanceof RetryableRequestException
				|| (cause instanceof IllegalStateException && "session closed".equals(cause.getMessage()));
	}

	@Test
	void overTlsRequestsAreFinishedAndAnIdleConnectionIsServedToo() throws Exception {
		start(StringUtils.addStringToArray(TLS, LONG_LINGER));
		assertThatAnIdleConnectionIsServedAndClosed(connectSecurely(), connectSecurely(), this::isRefused);
	}

	@Test
	void overTlsAnHttp2ClientThatObeysLosesNoRequest() throws Exception {
		start(StringUtils.addStringToArray(TLS, "--server.http2.enabled=true"));
		HTTP2Client http2 = new HTTP2Client();
		http2.getClientConnector().setSslContextFactory(new SslContextFactory.Client(true));
		try (org.eclipse.jetty.client.HttpClient client = new org.eclipse.jetty.client.HttpClient(
				new HttpClientTransportOverHTTP2(http2))) {
			client.start();
			getUntilRefused(client, "https", connectSecurely());
		}
	}

	@Test
	void aServerThatBootWouldStopImmediatelyIsDrainedToo() throws Exception {
		start("--server.shutdown=immediate");
		assertThatARequestInFlightIsFinished("held");
	}

	@Test
	void withoutPausingTheConnectorStaysOpenUntilTheDrainHasEnded() throws Exception {
		start("--graceful-shutdown.connector.pause=false");
		RawConnection held = connect();
		held.send("/held/one");
		requestsHeld().awaitArrival("one");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(() -> requests().isCloseConnections());
		RawConnection connection = connect();
		connection.send("/fast");
		assertThat(connection.receive()).startsWith("http/1.1 200").contains("connection: close");
		requestsHeld().release("one");
		report.join();
	}

	private void stopAccepting() throws IOException {
		WebServer server = ((WebServerApplicationContext) context()).getWebServer();
		String name = context().getEnvironment().getRequiredProperty("test.server");
		EmbeddedServer.valueOf(name).stopAccepting(Objects.requireNonNull(server));
	}

	private RawConnection connectSecurely() throws Exception {
		SslContextFactory.Client trusting = new SslContextFactory.Client(true);
		trusting.start();
		RawConnection connection = new RawConnection(trusting.getSslContext().getSocketFactory(), port());
		this.closeables.add(connection);
		return connection;
	}

}
