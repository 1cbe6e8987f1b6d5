package io.github.gracefulshutdown.cloud;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of Spring Cloud Stream.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class StreamDrainTests {

	private static final String INPUT = "handle-in-0";

	private static final String OUTPUT = "tick-out-0";

	private final Queues queues = new Queues();

	private final CountDownLatch stopping = new CountDownLatch(1);

	private ConfigurableApplicationContext context;

	private Application application;

	private void start(String... properties) {
		this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.REACTIVE)
			.properties("spring.cloud.function.definition=handle;tick", "spring.integration.poller.fixed-delay=10ms")
			.properties(properties)
			.initializers((context) -> context.getBeanFactory().registerSingleton("queues", this.queues))
			.run("--server.port=0");
		this.application = this.context.getBean(Application.class);
	}

	@AfterEach
	void stop() {
		this.application.release.countDown();
		this.context.close();
	}

	private CompletableFuture<Void> close() {
		return CompletableFuture.runAsync(this.context::close, (code) -> new Thread(code).start());
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void bindingsConsumeNothingAfterTheSignalAndTheMessageInHandIsFinished(boolean enabled) {
		start("graceful-shutdown.enabled=" + enabled);
		this.queues.onStopping = (queue) -> this.stopping.countDown();
		List.of("one", "two", "three").forEach((message) -> this.queues.send(INPUT, message));
		await().until(() -> this.application.begun.contains("one"));
		CountDownLatch otherWork = new CountDownLatch(1);
		this.context.getBean("applicationTaskExecutor", Executor.class)
			.execute(() -> Application.awaitUninterruptibly(otherWork));
		CompletableFuture<Void> closed = close();
		await().until(() -> this.stopping.getCount() == 0);
		this.application.release.countDown();
		await().until(() -> !this.application.finished.isEmpty());
		await().during(Duration.ofMillis(100)).until(() -> this.application.begun.size() == 1);
		otherWork.countDown();
		closed.join();
		assertThat(this.application.begun).containsExactly("one");
		assertThat(this.application.finished).containsExactly("one");
		assertThat(this.queues.waiting(INPUT)).containsExactly("two", "three");
	}

	@Test
	void bindingsAreStoppedBeforeTheDelay() {
		start("graceful-shutdown.delay=2s");
		GracefulShutdown shutdown = this.context.getBean(GracefulShutdown.class);
		List<DrainState> states = new CopyOnWriteArrayList<>();
		this.queues.onStopping = (queue) -> states.add(shutdown.state());
		this.application.release.countDown();
		close().join();
		assertThat(states).containsExactly(DrainState.LAME_DUCK);
	}

	@Test
	void bindingsAreStoppedInStandbyAndStartedByResume() {
		start();
		this.application.release.countDown();
		this.queues.onStopping = (queue) -> this.stopping.countDown();
		GracefulShutdown shutdown = this.context.getBean(GracefulShutdown.class);
		await().until(() -> !this.queues.waiting(OUTPUT).isEmpty());
		shutdown.standBy("test");
		await().until(() -> this.stopping.getCount() == 0 && shutdown.inFlight() == 0);
		int ticks = this.queues.waiting(OUTPUT).size();
		this.queues.send(INPUT, "one");
		await().during(Duration.ofMillis(200)).until(() -> this.application.begun.isEmpty());
		assertThat(this.queues.waiting(OUTPUT)).as("messages of the supplier").hasSize(ticks);
		shutdown.resume();
		await().until(() -> this.application.finished.contains("one"));
		await().until(() -> this.queues.waiting(OUTPUT).size() > ticks);
	}

	/**
	 * Handles messages one after the other, and sends some.
	 */
	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Application {

		final List<String> begun = new CopyOnWriteArrayList<>();

		final List<String> finished = new CopyOnWriteArrayList<>();

		final CountDownLatch release = new CountDownLatch(1);

		@Bean
		Consumer<String> handle() {
			return (message) -> {
				this.begun.add(message);
				awaitUninterruptibly(this.release);
				this.finished.add(message);
			};
		}

		private static void awaitUninterruptibly(CountDownLatch latch) {
			try {
				latch.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Bean
		Supplier<String> tick() {
			return () -> "tick";
		}

	}

}
