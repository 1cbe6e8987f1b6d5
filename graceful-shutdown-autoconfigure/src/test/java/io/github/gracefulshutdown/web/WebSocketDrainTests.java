package io.github.gracefulshutdown.web;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.Banner.Mode;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of WebSocket sessions whose handler deals with a message.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class WebSocketDrainTests {

	private @Nullable ConfigurableApplicationContext started;

	@AfterEach
	void close() {
		if (this.started != null) {
			this.started.close();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "TOMCAT", "JETTY" })
	void aMessageInHandAndItsReplyComeBeforeTheEndOfTheSession(EmbeddedServer server) throws Exception {
		ConfigurableApplicationContext context = start(server);
		HeldRequests messages = context.getBean(HeldRequests.class);
		WebSocketClient idle = new WebSocketClient(port(context), "/rooms/one");
		WebSocketClient client = new WebSocketClient(port(context), "/rooms/two");
		client.send("message");
		messages.awaitArrival("message");
		RequestWorkload requests = context.getBean(RequestWorkload.class);
		assertThat(requests.describe(10)).singleElement()
			.satisfies((work) -> assertThat(work.name()).isEqualTo("WEBSOCKET /rooms/{room}"));
		CompletableFuture<DrainReport> report = shutdown(context);
		await().until(requests::isRefusingWebSockets);
		await().pollDelay(Duration.ofMillis(500)).until(() -> !report.isDone());
		assertThat(client.isClosed()).isFalse();
		messages.release("message");
		assertThat(client.awaitClosed()).isEqualTo(1001);
		assertThat(client.getReceived()).containsExactly("reply to message");
		assertThat(idle.awaitClosed()).isEqualTo(1001);
		assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
		assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.COMPLETED, 1L).hasSize(1);
	}

	@ParameterizedTest
	@EnumSource(names = { "TOMCAT", "JETTY" })
	void theReplyToAStompMessageComesBeforeTheEndOfTheSession(EmbeddedServer server) throws Exception {
		ConfigurableApplicationContext context = start(server);
		HeldRequests messages = context.getBean(HeldRequests.class);
		WebSocketClient client = new WebSocketClient(port(context), "/stomp");
		client.send("CONNECT\naccept-version:1.2\nhost:localhost\n\n\0");
		await().until(() -> client.getReceived().size() == 1);
		client.send("SUBSCRIBE\nid:0\ndestination:/topic/replies\n\n\0");
		client.send("SEND\ndestination:/app/held\n\nmessage\0");
		messages.awaitArrival("message");
		CompletableFuture<DrainReport> report = shutdown(context);
		await().until(context.getBean(RequestWorkload.class)::isRefusingWebSockets);
		await().pollDelay(Duration.ofMillis(500)).until(() -> !report.isDone());
		assertThat(client.isClosed()).isFalse();
		messages.release("message");
		assertThat(client.awaitClosed()).isEqualTo(1001);
		assertThat(client.getReceived()).last().asString().startsWith("MESSAGE").contains("reply to message");
		assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
	}

	@ParameterizedTest
	@EnumSource(names = { "TOMCAT", "JETTY" })
	void aSockJsSessionOverHttpIsClosedAfterTheMessageInHand(EmbeddedServer server) throws Exception {
		ConfigurableApplicationContext context = start(server);
		HeldRequests messages = context.getBean(HeldRequests.class);
		try (RawConnection stream = new RawConnection(port(context));
				RawConnection message = new RawConnection(port(context))) {
			stream.send(HttpMethod.POST, "/sockjs/000/session/xhr_streaming");
			stream.receiveTo("o\n");
			String body = "[\"message\"]";
			message.sendRaw("POST /sockjs/000/session/xhr_send HTTP/1.1\r\nHost: localhost\r\n"
					+ "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
			messages.awaitArrival("message");
			CompletableFuture<DrainReport> report = shutdown(context);
			await().until(context.getBean(RequestWorkload.class)::isRefusingWebSockets);
			messages.release("message");
			assertThat(stream.receiveTo("c[1001")).contains("reply to message");
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
		}
	}

	@Test
	void clientsThatGoOnToSendDoNotHoldTheDrain() throws Exception {
		ConfigurableApplicationContext context = start(EmbeddedServer.TOMCAT);
		context.getBean(HeldRequests.class).release("tick");
		WebSocketClient client = new WebSocketClient(port(context), "/rooms/one");
		ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor();
		try {
			sender.scheduleAtFixedRate(() -> client.send("tick"), 0, 50, TimeUnit.MILLISECONDS);
			RequestWorkload requests = context.getBean(RequestWorkload.class);
			await().until(() -> requests.getCount(WorkState.COMPLETED) > 2);
			DrainReport report = shutdown(context).join();
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			assertThat(report.duration()).isLessThan(Duration.ofSeconds(12));
			assertThat(report.notWaitedFor().isEmpty()).isTrue();
			assertThat(client.awaitClosed()).isEqualTo(1001);
		}
		finally {
			sender.shutdownNow();
		}
	}

	private ConfigurableApplicationContext start(EmbeddedServer server) {
		ConfigurableApplicationContext context = server
			.application(WebSocketApplication.class, WebApplicationType.SERVLET)
			.bannerMode(Mode.OFF)
			.run("--server.port=0", "--graceful-shutdown.connector.linger=200ms",
					"--graceful-shutdown.grace-period=20s", "--graceful-shutdown.streams.quiet=200ms");
		this.started = context;
		return context;
	}

	private static CompletableFuture<DrainReport> shutdown(ConfigurableApplicationContext context) {
		return context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture();
	}

	private static int port(ConfigurableApplicationContext context) {
		return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
	}

}
