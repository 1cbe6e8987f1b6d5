package io.github.gracefulshutdown.intake;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainReport.WorkloadReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.ServingStoppedEvent;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.IntakeDrainAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.Lifecycle;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.web.socket.server.support.WebSocketHandlerMapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

/**
 * The drain of sources of work besides the web server.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class IntakeDrainTests {

	private static final int WEB_SERVER_PHASE = SmartLifecycle.DEFAULT_PHASE - 1024;

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
					GracefulShutdownAutoConfiguration.class, IntakeDrainAutoConfiguration.class));

	private final TestListenerContainer listener = new TestListenerContainer(SmartLifecycle.DEFAULT_PHASE);

	private final TestListenerContainer other = new TestListenerContainer(SmartLifecycle.DEFAULT_PHASE - 100);

	private final TestLifecycle own = new TestLifecycle(SmartLifecycle.DEFAULT_PHASE);

	@Test
	void listenersAreStoppedTogetherAndWaitedFor() {
		this.contextRunner.withBean("listener", TestListenerContainer.class, () -> this.listener)
			.withBean("other", TestListenerContainer.class, () -> this.other)
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				Thread closing = close(context);
				await().until(() -> this.listener.stopCalls() == 1 && this.other.stopCalls() == 1);
				assertThat(shutdown.inFlight()).isEqualTo(2);
				this.other.stopped();
				await().until(() -> shutdown.inFlight() == 1);
				assertThat(shutdown.state()).isEqualTo(DrainState.DRAINING);
				this.listener.stopped();
				closing.join();
				assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
				assertThat(this.listener.stopCalls()).as("Spring need not stop it again").isEqualTo(1);
			});
	}

	@Test
	void listenerThatStopsSynchronouslyHoldsUpNoOther() {
		CountDownLatch stopping = new CountDownLatch(1);
		SmartLifecycle blocking = new TestListenerContainer(SmartLifecycle.DEFAULT_PHASE) {

			@Override
			public void stop(Runnable callback) {
				awaitUninterruptibly(stopping);
				super.stop(callback);
				stopped();
			}

		};
		this.contextRunner.withBean("blocking", SmartLifecycle.class, () -> blocking)
			.withBean("other", TestListenerContainer.class, () -> this.other)
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				Thread closing = close(context);
				await().until(() -> this.other.stopCalls() == 1);
				this.other.stopped();
				stopping.countDown();
				closing.join();
				assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
			});
	}

	@Test
	void aDependentIsStoppedBeforeItsListener() {
		List<String> order = new CopyOnWriteArrayList<>();
		this.contextRunner.withBean("base", SmartLifecycle.class, () -> new Recorder("base", order))
			.withBean("dependent", SmartLifecycle.class, () -> new Recorder("dependent", order),
					(definition) -> definition.setDependsOn("base"))
			.run((context) -> context.close());
		assertThat(order).containsExactly("dependent", "base");
	}

	@Test
	void lifecyclesThatSpringStopsWithTheWebServerOrLaterAreLeftToSpring() {
		assertThatIsLeftToSpring(this.contextRunner, new TestLifecycle(WEB_SERVER_PHASE));
	}

	@Test
	void excludedListenerIsLeftToSpring() {
		assertThatIsLeftToSpring(this.contextRunner.withPropertyValues("graceful-shutdown.intake.exclude=left"),
				this.listener);
	}

	@Test
	void switchedOff() {
		assertThatIsLeftToSpring(this.contextRunner.withPropertyValues("graceful-shutdown.intake.stop=false"),
				this.listener);
	}

	private void assertThatIsLeftToSpring(ApplicationContextRunner contextRunner, TestLifecycle lifecycle) {
		assertThatIsStopped(DrainState.DRAINED, contextRunner, lifecycle);
	}

	private void assertThatIsStopped(DrainState state, ApplicationContextRunner contextRunner,
			TestLifecycle lifecycle) {
		contextRunner.withBean("left", TestLifecycle.class, () -> lifecycle).run((context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			Thread closing = close(context);
			await().until(() -> lifecycle.stopCalls() == 1);
			assertThat(shutdown.state()).isEqualTo(state);
			lifecycle.stopped();
			closing.join();
		});
	}

	@Test
	void listenerThatIsNotRunningIsNotStopped() {
		this.contextRunner.withBean("listener", TestListenerContainer.class, () -> this.listener).run((context) -> {
			this.listener.stopped();
			context.close();
			assertThat(this.listener.stopCalls()).isZero();
		});
	}

	@Test
	void aFailingListenerPreventsNeitherTheOthersNorTheDrain() {
		SmartLifecycle failing = new Recorder("failing", new CopyOnWriteArrayList<>()) {

			@Override
			public void stop(Runnable callback) {
				throw new IllegalStateException("one");
			}

		};
		SmartLifecycle unknown = new Recorder("unknown", new CopyOnWriteArrayList<>()) {

			@Override
			public boolean isRunning() {
				throw new IllegalStateException("two");
			}

		};
		List<String> order = new CopyOnWriteArrayList<>();
		this.contextRunner.withBean("failing", SmartLifecycle.class, () -> failing)
			.withBean("recorder", SmartLifecycle.class, () -> new Recorder("recorder", order))
			.run((context) -> {
				context.getBeanFactory().registerSingleton("unknown", unknown);
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				context.close();
				assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
				assertThat(order).containsExactly("recorder");
			});
	}

	@Test
	void listenerThatDoesNotStopIsAbandonedByName() {
		this.contextRunner
			.withPropertyValues("graceful-shutdown.grace-period=1s", "graceful-shutdown.reserve=100ms",
					"graceful-shutdown.cancel-before-deadline=100ms")
			.withBean("listener", TestListenerContainer.class, () -> this.listener)
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				DrainReport report = shutdown.shutdown("test").toCompletableFuture().join();
				assertThat(report.state()).isEqualTo(DrainState.EXPIRED);
				WorkloadReport intakes = report.workloads()
					.stream()
					.filter((workload) -> workload.name().equals("intakes"))
					.findFirst()
					.orElseThrow();
				assertThat(intakes.abandoned()).extracting(WorkSnapshot::name, WorkSnapshot::state)
					.containsExactly(tuple("listener", WorkState.WAITING));
			});
	}

	@Test
	void serversServeOnDuringTheDelay() {
		WebSocketHandlerMapping server = new WebSocketHandlerMapping();
		this.contextRunner.withPropertyValues("graceful-shutdown.delay=2s")
			.withBean("server", WebSocketHandlerMapping.class, () -> server)
			.withBean("listener", TestListenerContainer.class, () -> this.listener)
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				Thread closing = close(context);
				await().until(() -> this.listener.stopCalls() == 1);
				assertThat(shutdown.state()).isEqualTo(DrainState.LAME_DUCK);
				assertThat(server.isRunning()).isTrue();
				await().until(() -> !server.isRunning());
				assertThat(shutdown.state()).isEqualTo(DrainState.DRAINING);
				this.listener.stopped();
				closing.join();
			});
	}

	@Test
	void listenersAreIntakeWhateverTheirPhase() {
		assertThatIsStopped(DrainState.LAME_DUCK,
				this.contextRunner.withPropertyValues("graceful-shutdown.delay=2s")
					.withBean("server", WebSocketHandlerMapping.class, WebSocketHandlerMapping::new),
				new TestListenerContainer(0));
	}

	@Test
	void includedLifecyclesAreIntake() {
		PlainLifecycle plain = new PlainLifecycle();
		this.contextRunner
			.withPropertyValues("graceful-shutdown.delay=2s", "graceful-shutdown.intake.include=plain,own")
			.withBean("server", WebSocketHandlerMapping.class, WebSocketHandlerMapping::new)
			.withBean("plain", PlainLifecycle.class, () -> plain)
			.withBean("own", TestLifecycle.class, () -> this.own)
			.run((context) -> {
				plain.start();
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				Thread closing = close(context);
				await().until(() -> this.own.stopCalls() == 1 && !plain.isRunning());
				assertThat(shutdown.state()).isEqualTo(DrainState.LAME_DUCK);
				this.own.stopped();
				closing.join();
			});
	}

	@Test
	void unknownLifecyclesRunDuringTheDelayAndAreStoppedWithTheSockets() {
		this.contextRunner.withPropertyValues("graceful-shutdown.delay=2s")
			.withBean("server", WebSocketHandlerMapping.class, WebSocketHandlerMapping::new)
			.withBean("own", TestLifecycle.class, () -> this.own)
			.withBean("listener", TestListenerContainer.class, () -> this.listener)
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				Thread closing = close(context);
				await().until(() -> this.listener.stopCalls() == 1);
				assertThat(shutdown.state()).isEqualTo(DrainState.LAME_DUCK);
				assertThat(this.own.stopCalls()).isZero();
				this.listener.stopped();
				await().until(() -> this.own.stopCalls() == 1);
				assertThat(shutdown.state()).isEqualTo(DrainState.DRAINING);
				this.own.stopped();
				closing.join();
				assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
			});
	}

	@Test
	void thereIsNoDelayForUnknownLifecyclesAlone() {
		this.contextRunner.withPropertyValues("graceful-shutdown.grace-period=100s", "graceful-shutdown.delay=90s")
			.withBean("own", TestLifecycle.class, () -> this.own)
			.run((context) -> {
				Thread closing = close(context);
				await().until(() -> this.own.stopCalls() == 1);
				this.own.stopped();
				closing.join();
			});
	}

	@Test
	void anUnknownLifecycleIsStoppedAfterThoseOfHigherPhasesWhichMayNeedIt() {
		TestLifecycle lower = new TestLifecycle(SmartLifecycle.DEFAULT_PHASE - 10);
		this.contextRunner.withBean("lower", TestLifecycle.class, () -> lower)
			.withBean("own", TestLifecycle.class, () -> this.own)
			.withBean("listener", TestListenerContainer.class, () -> this.listener)
			.run((context) -> {
				Thread closing = close(context);
				await().until(() -> this.listener.stopCalls() == 1 && this.own.stopCalls() == 1);
				this.own.stopped();
				await().during(Duration.ofMillis(200)).until(() -> lower.stopCalls() == 0);
				this.listener.stopped();
				await().until(() -> lower.stopCalls() == 1);
				lower.stopped();
				closing.join();
			});
	}

	@Test
	void servingDoesNotWaitForUnknownLifecycles() {
		CountDownLatch servingStopped = new CountDownLatch(1);
		this.contextRunner.withBean("own", TestLifecycle.class, () -> this.own)
			.withInitializer((context) -> context.addApplicationListener((event) -> {
				if (event instanceof PayloadApplicationEvent<?> payload
						&& payload.getPayload() instanceof ServingStoppedEvent) {
					servingStopped.countDown();
				}
			}))
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				Thread closing = close(context);
				awaitUninterruptibly(servingStopped);
				assertThat(shutdown.inFlight()).isEqualTo(1);
				await().until(() -> this.own.stopCalls() == 1);
				this.own.stopped();
				closing.join();
				assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
			});
	}

	@Test
	void kafkaListenersStopAfterTheRecordInHand() {
		ApplicationContextRunner withFactories = this.contextRunner
			.withBean("factory", ConcurrentKafkaListenerContainerFactory.class)
			.withBean("left", ConcurrentKafkaListenerContainerFactory.class)
			.withPropertyValues("graceful-shutdown.intake.exclude=left");
		withFactories.run((context) -> {
			assertThat(isStopImmediate(context, "factory")).isTrue();
			assertThat(isStopImmediate(context, "left")).isFalse();
		});
	}

	private static boolean isStopImmediate(AssertableApplicationContext context, String factory) {
		return context.getBean(factory, ConcurrentKafkaListenerContainerFactory.class)
			.getContainerProperties()
			.isStopImmediate();
	}

	@Test
	void withoutLibraries() {
		this.contextRunner
			.withClassLoader(new FilteredClassLoader("org.springframework.kafka", "org.springframework.amqp",
					"org.springframework.web.socket"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(IntakeWorkload.class)
				.doesNotHaveBean(IntakePreparer.class)
				.doesNotHaveBean(KafkaIntakeBeanPostProcessor.class));
	}

	private static Thread close(AssertableApplicationContext context) {
		Thread thread = new Thread(context::close);
		thread.start();
		return thread;
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * A lifecycle without a callback.
	 */
	private static final class PlainLifecycle implements Lifecycle {

		private volatile boolean running;

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

	/**
	 * Records the call to stop, and has stopped then.
	 */
	private static class Recorder extends TestListenerContainer {

		private final String name;

		private final List<String> order;

		Recorder(String name, List<String> order) {
			super(DEFAULT_PHASE);
			this.name = name;
			this.order = order;
		}

		@Override
		public void stop(Runnable callback) {
			this.order.add(this.name);
			super.stop(callback);
			stopped();
		}

	}

}
