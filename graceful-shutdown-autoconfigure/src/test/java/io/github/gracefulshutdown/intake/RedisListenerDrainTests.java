package io.github.gracefulshutdown.intake;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.IntakeDrainAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.stream.MapRecord;
import org.springframework.data.redis.connection.stream.StreamOffset;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.listener.ChannelTopic;
import org.springframework.data.redis.listener.RedisMessageListenerContainer;
import org.springframework.data.redis.stream.StreamMessageListenerContainer;
import org.springframework.data.redis.stream.StreamMessageListenerContainer.StreamMessageListenerContainerOptions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of listeners to a real Redis server.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class RedisListenerDrainTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class,
				LifecycleAutoConfiguration.class, GracefulShutdownAutoConfiguration.class,
				ExecutorDrainAutoConfiguration.class, IntakeDrainAutoConfiguration.class))
		.withUserConfiguration(RedisConfiguration.class)
		.withBean(Gate.class)
		.withBean(Letters.class);

	private @Nullable RedisServer server;

	private @Nullable LettuceConnectionFactory connections;

	@BeforeEach
	void start() throws IOException {
		RedisServer server = RedisServer.start();
		this.server = server;
		LettuceConnectionFactory connections = new LettuceConnectionFactory("localhost", server.getPort());
		connections.afterPropertiesSet();
		connections.start();
		this.connections = connections;
	}

	@AfterEach
	void stop() {
		if (this.connections != null) {
			this.connections.destroy();
		}
		if (this.server != null) {
			this.server.close();
		}
	}

	@Test
	void theContainerStopsAndTheMessageInHandIsHandledIfItsExecutorIsABean() {
		runner().withUserConfiguration(ExecutorConfiguration.class, ListenerConfiguration.class).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			Letters letters = context.getBean(Letters.class);
			assertThat(publish("one")).isOne();
			gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown.shutdown("test").toCompletableFuture();
			await().until(() -> publish("more") == 0);
			await().until(() -> shutdown.state() == DrainState.DRAINING);
			assertThat(context.getBean(RedisMessageListenerContainer.class).isRunning()).isFalse();
			assertThat(shutdown.inFlight()).isPositive();
			assertThat(report).isNotDone();
			gate.open();
			assertThat(report.thenApply((ended) -> List.copyOf(letters.handled)).join()).contains("one");
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(gate.getInterrupts()).isZero();
		});
	}

	@Test
	void theMessageInHandIsNotWaitedForOnTheExecutorOfTheContainer() {
		runner().withUserConfiguration(ListenerConfiguration.class).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			publish("one");
			gate.awaitArrivals(1);
			DrainReport report = shutdown.shutdown("test").toCompletableFuture().join();
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			assertThat(context.getBean(Letters.class).handled).isEmpty();
			gate.open();
		});
	}

	@Test
	void theContainerListensAgainAfterStandby() {
		runner().withUserConfiguration(ListenerConfiguration.class).run((context) -> {
			context.getBean(Gate.class).open();
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			Letters letters = context.getBean(Letters.class);
			shutdown.standBy("test");
			await().until(() -> publish("lost") == 0);
			shutdown.resume();
			await().until(() -> publish("heard") == 1);
			await().until(() -> letters.handled.contains("heard"));
		});
	}

	@Test
	void aStreamContainerFinishesTheRecordInHandAndReadsNoOtherIfItsExecutorIsABean() {
		runner().withUserConfiguration(ExecutorConfiguration.class, StreamConfiguration.class).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			Letters letters = context.getBean(Letters.class);
			StreamMessageListenerContainer<?, ?> container = context.getBean(StreamMessageListenerContainer.class);
			container.start();
			append("one");
			gate.awaitArrivals(1);
			append("two");
			CompletableFuture<DrainReport> report = shutdown.shutdown("test").toCompletableFuture();
			await().until(() -> shutdown.state() == DrainState.DRAINING && !container.isRunning());
			assertThat(report).isNotDone();
			gate.open();
			assertThat(report.thenApply((ended) -> List.copyOf(letters.handled)).join()).containsExactly("one");
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(gate.getInterrupts()).isZero();
		});
	}

	@Test
	void aStreamContainerGoesOnWhereItWasAfterStandby() {
		runner().withUserConfiguration(ExecutorConfiguration.class, StreamConfiguration.class).run((context) -> {
			context.getBean(Gate.class).open();
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			Letters letters = context.getBean(Letters.class);
			context.getBean(StreamMessageListenerContainer.class).start();
			append("one");
			await().until(() -> letters.handled.size() == 1);
			shutdown.standBy("test");
			await().until(() -> shutdown.inFlight() == 0);
			append("two");
			shutdown.resume();
			await().until(() -> letters.handled.size() == 2);
			assertThat(letters.handled).containsExactly("one", "two");
		});
	}

	private ApplicationContextRunner runner() {
		return this.contextRunner
			.withPropertyValues("test.redis.port=" + Objects.requireNonNull(this.server).getPort());
	}

	private long publish(String letter) {
		Long receivers = redis().convertAndSend("letters", letter);
		return (receivers != null) ? receivers : 0;
	}

	private void append(String letter) {
		redis().opsForStream().add(MapRecord.create("letters", Map.of("letter", letter)));
	}

	private StringRedisTemplate redis() {
		return new StringRedisTemplate(Objects.requireNonNull(this.connections));
	}

	@Configuration(proxyBeanMethods = false)
	static class RedisConfiguration {

		@Bean
		LettuceConnectionFactory redisConnectionFactory(@Value("${test.redis.port}") int port) {
			return new LettuceConnectionFactory("localhost", port);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ExecutorConfiguration {

		@Bean
		SimpleAsyncTaskExecutor listenerExecutor() {
			return new SimpleAsyncTaskExecutor("listener-");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ListenerConfiguration {

		@Bean
		RedisMessageListenerContainer listenerContainer(LettuceConnectionFactory connections, Letters letters,
				ObjectProvider<SimpleAsyncTaskExecutor> executor) {
			RedisMessageListenerContainer container = new RedisMessageListenerContainer();
			container.setConnectionFactory(connections);
			executor.ifAvailable(container::setTaskExecutor);
			container.addMessageListener((message, pattern) -> letters.handle(new String(message.getBody())),
					new ChannelTopic("letters"));
			return container;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class StreamConfiguration {

		@Bean
		StreamMessageListenerContainer<String, MapRecord<String, String, String>> streamContainer(
				LettuceConnectionFactory connections, Letters letters, SimpleAsyncTaskExecutor executor) {
			StreamMessageListenerContainer<String, MapRecord<String, String, String>> container = StreamMessageListenerContainer
				.create(connections,
						StreamMessageListenerContainerOptions.builder()
							.executor(executor)
							.batchSize(1)
							.pollTimeout(Duration.ofMillis(100))
							.build());
			container.receive(StreamOffset.fromStart("letters"),
					(letter) -> letters.handle(letter.getValue().getOrDefault("letter", "")));
			return container;
		}

	}

	static class Letters {

		private final Gate gate;

		private final List<String> handled = new CopyOnWriteArrayList<>();

		Letters(Gate gate) {
			this.gate = gate;
		}

		void handle(String letter) {
			this.gate.passStubbornly();
			this.handled.add(letter);
		}

	}

}
