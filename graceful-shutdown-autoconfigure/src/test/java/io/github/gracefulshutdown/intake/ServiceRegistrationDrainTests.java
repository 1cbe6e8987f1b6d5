package io.github.gracefulshutdown.intake;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.IntakeDrainAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.serviceregistry.Registration;
import org.springframework.cloud.client.serviceregistry.ServiceRegistry;
import org.springframework.web.socket.server.support.WebSocketHandlerMapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Leaving a service registry.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class ServiceRegistrationDrainTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
						GracefulShutdownAutoConfiguration.class, IntakeDrainAutoConfiguration.class))
		.withBean("registration", TestRegistration.class, TestRegistration::new)
		.withBean("registry", TestRegistry.class, TestRegistry::new);

	@Test
	void clientsAreToldBeforeTheDelay() {
		this.contextRunner.withPropertyValues("graceful-shutdown.delay=2s")
			.withBean("server", WebSocketHandlerMapping.class, WebSocketHandlerMapping::new)
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				TestRegistry registry = context.getBean(TestRegistry.class);
				Thread closing = new Thread(context::close);
				closing.start();
				await().until(() -> !registry.calls.isEmpty());
				assertThat(shutdown.state()).isEqualTo(DrainState.LAME_DUCK);
				closing.join();
				assertThat(registry.calls).containsExactly("OUT_OF_SERVICE");
			});
	}

	@Test
	void clientsComeBackAfterStandby() {
		this.contextRunner.run((context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			TestRegistry registry = context.getBean(TestRegistry.class);
			shutdown.standBy("test");
			await().untilAsserted(() -> assertThat(registry.calls).containsExactly("OUT_OF_SERVICE"));
			shutdown.resume();
			await().untilAsserted(() -> assertThat(registry.calls).containsExactly("OUT_OF_SERVICE", "UP"));
		});
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void aRegistryThatFailsStopsNeitherTheOthersNorTheDrain(CapturedOutput output) {
		this.contextRunner.withBean("failing", TestRegistry.class, () -> new TestRegistry() {

			@Override
			public void setStatus(TestRegistration registration, String status) {
				throw new UnsupportedOperationException("not here");
			}

		}).run((context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			TestRegistry registry = context.getBean("registry", TestRegistry.class);
			context.close();
			assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
			assertThat(registry.calls).containsExactly("OUT_OF_SERVICE");
			assertThat(output).contains("telling the service registry that 'registration' is OUT_OF_SERVICE")
				.contains("not here");
		});
	}

	@Test
	void aRegistryThatDoesNotAnswerHoldsUpNothingElse() {
		CountDownLatch answer = new CountDownLatch(1);
		TestRegistry slow = new TestRegistry() {

			@Override
			public void setStatus(TestRegistration registration, String status) {
				super.setStatus(registration, status);
				await().until(() -> answer.getCount() == 0);
			}

		};
		this.contextRunner.withBean("slow", TestRegistry.class, () -> slow).run((context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			Thread closing = new Thread(context::close);
			closing.start();
			await().until(() -> !slow.calls.isEmpty());
			await().until(() -> shutdown.state() == DrainState.DRAINING);
			answer.countDown();
			closing.join();
			assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@Test
	void aRegistryIsAskedForItsOwnRegistrationsOnly() {
		OtherRegistry other = new OtherRegistry();
		this.contextRunner.withBean("other", OtherRegistry.class, () -> other).run((context) -> {
			context.close();
			assertThat(other.calls).isEmpty();
		});
	}

	@Test
	void withoutARegistrationNothingIsInFlight() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class,
					LifecycleAutoConfiguration.class, GracefulShutdownAutoConfiguration.class,
					IntakeDrainAutoConfiguration.class))
			.run((context) -> assertThat(context.getBean(ServiceRegistrationIntake.class).isRunning()).isFalse());
	}

	static class TestRegistration extends DefaultServiceInstance implements Registration {

		TestRegistration() {
			super("one", "service", "localhost", 8080, false);
		}

	}

	static class OtherRegistration extends DefaultServiceInstance implements Registration {

		OtherRegistration() {
			super("two", "other", "localhost", 8080, false);
		}

	}

	static class TestRegistry extends RecordingRegistry<TestRegistration> {

	}

	static class OtherRegistry extends RecordingRegistry<OtherRegistration> {

	}

	abstract static class RecordingRegistry<R extends Registration> implements ServiceRegistry<R> {

		final List<String> calls = new CopyOnWriteArrayList<>();

		@Override
		public void register(@Nullable R registration) {
		}

		@Override
		public void deregister(@Nullable R registration) {
		}

		@Override
		public void close() {
		}

		@Override
		public void setStatus(R registration, String status) {
			this.calls.add(status);
		}

		@Override
		public <T> T getStatus(R registration) {
			throw new UnsupportedOperationException();
		}

	}

}
