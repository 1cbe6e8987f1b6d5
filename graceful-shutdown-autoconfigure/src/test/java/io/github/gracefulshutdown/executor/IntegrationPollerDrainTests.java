package io.github.gracefulshutdown.executor;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.annotation.InboundChannelAdapter;
import org.springframework.integration.annotation.Poller;
import org.springframework.integration.annotation.ServiceActivator;
import org.springframework.integration.config.EnableIntegration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of the pollers of Spring Integration, which are ticks of the application's
 * scheduler.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class IntegrationPollerDrainTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class,
				LifecycleAutoConfiguration.class, TaskSchedulingAutoConfiguration.class,
				GracefulShutdownAutoConfiguration.class, ExecutorDrainAutoConfiguration.class))
		.withPropertyValues("spring.task.scheduling.thread-name-prefix=poller-")
		.withUserConfiguration(IntegrationConfiguration.class)
		.withBean(Gate.class)
		.withBean(Letters.class);

	@Test
	void theMessageInHandIsHandled() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			Letters letters = context.getBean(Letters.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			gate.awaitArrivals(1);
			Thread closing = new Thread(context::close);
			closing.start();
			await().until(() -> shutdown.state() == DrainState.DRAINING);
			assertThat(shutdown.inFlight()).isEqualTo(1);
			gate.open();
			closing.join();
			assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
			assertThat(letters.handled).startsWith("letter 1");
			assertThat(letters.handled).as("whatever was taken").hasSize(letters.taken.get());
			assertThat(gate.getInterrupts()).isZero();
		});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableIntegration
	static class IntegrationConfiguration {

	}

	static class Letters {

		private final Gate gate;

		private final AtomicInteger taken = new AtomicInteger();

		private final List<String> handled = new CopyOnWriteArrayList<>();

		Letters(Gate gate) {
			this.gate = gate;
		}

		@InboundChannelAdapter(channel = "letters", poller = @Poller(fixedDelay = "10"))
		String take() {
			return "letter " + this.taken.incrementAndGet();
		}

		@ServiceActivator(inputChannel = "letters")
		void handle(String letter) {
			this.gate.passStubbornly();
			this.handled.add(letter);
		}

	}

}
