package io.github.gracefulshutdown.intake;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.autoconfigure.BackgroundJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.IntakeDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.ReactiveBackgroundJobAutoConfiguration;
import io.github.gracefulshutdown.job.ReactiveBackgroundJobs;
import io.rsocket.Payload;
import io.rsocket.RSocket;
import io.rsocket.SocketAcceptor;
import io.rsocket.core.RSocketConnector;
import io.rsocket.transport.netty.client.TcpClientTransport;
import io.rsocket.util.DefaultPayload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.rsocket.context.RSocketPortInfoApplicationContextInitializer;
import org.springframework.boot.rsocket.context.RSocketServerBootstrap;
import org.springframework.boot.rsocket.netty.NettyRSocketServerFactory;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * The drain of a real RSocket server, as Boot configures it.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class RSocketServerDrainTests {

	private static final Duration LIMIT = Duration.ofSeconds(30);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withInitializer(new RSocketPortInfoApplicationContextInitializer())
		.withConfiguration(
				AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
						GracefulShutdownAutoConfiguration.class, BackgroundJobAutoConfiguration.class,
						ReactiveBackgroundJobAutoConfiguration.class, IntakeDrainAutoConfiguration.class))
		.withUserConfiguration(RSocketConfiguration.class)
		.withBean(Answers.class);

	@Test
	void aRequestThatIsAJobIsAnsweredAndNoOtherConnectionIsTaken() {
		this.contextRunner.run((context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			Answers answers = context.getBean(Answers.class);
			int port = port(context);
			RSocket client = connect(port);
			CompletableFuture<String> answer = ask(client, "job");
			await().until(() -> shutdown.inFlight() == 1);
			CompletableFuture<DrainReport> report = shutdown.shutdown("test").toCompletableFuture();
			await().until(() -> shutdown.state() == DrainState.DRAINING);
			await().untilAsserted(() -> assertThatException().isThrownBy(() -> connect(port)));
			assertThat(report).isNotDone();
			answers.sink.tryEmitValue("hello");
			assertThat(answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("hello");
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			client.dispose();
		});
	}

	@Test
	void anotherRequestIsNotWaitedFor() {
		this.contextRunner.run((context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			RSocket client = connect(port(context));
			CompletableFuture<String> answer = ask(client, "other");
			await().until(() -> context.getBean(Answers.class).sink.currentSubscriberCount() == 1);
			assertThat(shutdown.inFlight()).isZero();
			assertThat(shutdown.shutdown("test").toCompletableFuture().join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(answer).as("nobody has answered")
				.satisfiesAnyOf((it) -> assertThat(it).isNotDone(), (it) -> assertThat(it).isCompletedExceptionally());
			client.dispose();
		});
	}

	@Test
	void theServerServesOnInStandby() {
		this.contextRunner.run((context) -> {
			context.getBean(GracefulShutdown.class).standBy("test");
			context.getBean(Answers.class).sink.tryEmitValue("hello");
			RSocket client = connect(port(context));
			assertThat(ask(client, "other").get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("hello");
			client.dispose();
		});
	}

	private static int port(AssertableApplicationContext context) {
		return context.getEnvironment().getRequiredProperty("local.rsocket.server.port", Integer.class);
	}

	private static RSocket connect(int port) {
		return Objects
			.requireNonNull(RSocketConnector.connectWith(TcpClientTransport.create("localhost", port)).block(LIMIT));
	}

	private static CompletableFuture<String> ask(RSocket client, String question) {
		return client.requestResponse(DefaultPayload.create(question)).map(Payload::getDataUtf8).toFuture();
	}

	@Configuration(proxyBeanMethods = false)
	static class RSocketConfiguration {

		@Bean
		RSocketServerBootstrap rSocketServerBootstrap(Answers answers, ReactiveBackgroundJobs jobs) {
			NettyRSocketServerFactory factory = new NettyRSocketServerFactory();
			factory.setPort(0);
			factory.setResourceFactory(new ReactorResourceFactory());
			return new RSocketServerBootstrap(factory, SocketAcceptor.forRequestResponse((question) -> {
				Mono<Payload> answer = answers.sink.asMono().map(DefaultPayload::create);
				return question.getDataUtf8().equals("job") ? jobs.track("answer", answer) : answer;
			}));
		}

	}

	static class Answers {

		private final Sinks.One<String> sink = Sinks.one();

	}

}
