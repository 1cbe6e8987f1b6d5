package io.github.gracefulshutdown.intake;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.IntakeDrainAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.web.socket.server.support.WebSocketHandlerMapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Intakes in standby and after it.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class IntakeResumeTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
					GracefulShutdownAutoConfiguration.class, IntakeDrainAutoConfiguration.class));

	private final List<String> order = new CopyOnWriteArrayList<>();

	private final Listener listener = new Listener("listener");

	@Test
	void aDependentIsStoppedBeforeItsDependencyAndStartedAfterIt() {
		this.contextRunner.withBean("base", Listener.class, () -> new Listener("base"))
			.withBean("dependent", Listener.class, () -> new Listener("dependent"),
					(definition) -> definition.setDependsOn("base"))
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				this.order.clear();
				shutdown.standBy("test");
				await().until(() -> this.order.size() == 2);
				context.getBean("base", Listener.class).stopped();
				context.getBean("dependent", Listener.class).stopped();
				CountDownLatch starting = new CountDownLatch(1);
				CountDownLatch release = new CountDownLatch(1);
				context.getBean("base", Listener.class).onStart = () -> {
					starting.countDown();
					awaitUninterruptibly(release);
				};
				shutdown.resume();
				awaitUninterruptibly(starting);
				await().during(Duration.ofMillis(200)).until(() -> this.order.size() == 2);
				release.countDown();
				await().untilAsserted(() -> assertThat(this.order).containsExactly("stop dependent", "stop base",
						"start base", "start dependent"));
				context.getBean("base", Listener.class).stopped();
				context.getBean("dependent", Listener.class).stopped();
			});
	}

	@Test
	void aListenerIsStartedWhenItHasFinishedTheMessageInHand() {
		run((shutdown) -> {
			shutdown.standBy("test");
			await().until(() -> this.listener.stopCalls() == 1);
			assertThat(shutdown.resume()).isTrue();
			assertThat(shutdown.state()).isEqualTo(DrainState.RUNNING);
			assertThat(this.order).containsExactly("stop listener");
			assertThat(shutdown.inFlight()).isEqualTo(1);
			this.listener.stopped();
			await().untilAsserted(() -> assertThat(this.order).containsExactly("stop listener", "start listener"));
			assertThat(shutdown.inFlight()).isZero();
			this.listener.stopped();
		});
	}

	@Test
	void aListenerThatIsNotDoneBeforeTheNextDrainIsNotStarted() {
		run((shutdown) -> {
			shutdown.standBy("test");
			await().until(() -> this.listener.stopCalls() == 1);
			shutdown.resume();
			shutdown.standBy("again");
			await().during(Duration.ofMillis(200)).until(() -> this.listener.stopCalls() == 1);
			this.listener.stopped();
			await().until(() -> shutdown.inFlight() == 0);
			shutdown.resume();
			await().untilAsserted(() -> assertThat(this.order).containsExactly("stop listener", "start listener"));
			this.listener.stopped();
		});
	}

	@Test
	void aShutdownWaitsForAListenerThatStandbyHasStopped() {
		run((shutdown) -> {
			shutdown.standBy("test");
			await().until(() -> this.listener.stopCalls() == 1);
			CompletableFuture<DrainReport> report = shutdown.shutdown("test").toCompletableFuture();
			await().until(() -> shutdown.state() == DrainState.DRAINING);
			assertThat(report).isNotDone();
			this.listener.stopped();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(this.order).containsExactly("stop listener");
		});
	}

	@Test
	void aListenerThatIsBeingStartedWhenAShutdownBeginsIsStoppedAgain() {
		run((shutdown) -> {
			CountDownLatch release = new CountDownLatch(1);
			CountDownLatch starting = new CountDownLatch(1);
			this.listener.onStart = () -> {
				starting.countDown();
				awaitUninterruptibly(release);
			};
			shutdown.standBy("test");
			await().until(() -> this.listener.stopCalls() == 1);
			this.listener.stopped();
			shutdown.resume();
			awaitUninterruptibly(starting);
			CompletableFuture<DrainReport> report = shutdown.shutdown("test").toCompletableFuture();
			await().until(() -> shutdown.state() == DrainState.DRAINING);
			assertThat(report).isNotDone();
			release.countDown();
			await().until(() -> this.listener.stopCalls() == 2);
			this.listener.stopped();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(this.listener.isRunning()).isFalse();
			assertThat(this.order).containsExactly("stop listener", "start listener", "stop listener");
		});
	}

	@Test
	void aListenerThatWasNotRunningIsNotStarted() {
		run((shutdown) -> {
			this.listener.stopped();
			shutdown.standBy("test");
			shutdown.resume();
			await().during(Duration.ofMillis(200)).until(this.order::isEmpty);
		});
	}

	@Test
	void containersOfARegistryThatWereNotRunningAreStoppedAgain() {
		Listener running = new Listener("running");
		Listener notRunning = new Listener("notRunning");
		Registry registry = new Registry(List.of(running, notRunning));
		this.contextRunner.withBean("registry", Registry.class, () -> registry).run((context) -> {
			notRunning.stopped();
			this.order.clear();
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			shutdown.standBy("test");
			await().untilAsserted(() -> assertThat(this.order).containsExactly("stop registry"));
			running.stopped();
			registry.stopped();
			shutdown.resume();
			await().untilAsserted(() -> assertThat(this.order).containsExactly("stop registry", "start registry",
					"start running", "start notRunning", "stop notRunning"));
			assertThat(registry.isRunning()).isTrue();
			assertThat(running.isRunning()).isTrue();
			registry.stopped();
		});
	}

	@Test
	void aContainerThatCannotBeStartedDoesNotPreventTheOthersOfItsRegistry() {
		Listener failing = new Listener("failing");
		Listener other = new Listener("other");
		Registry registry = new Registry(List.of(failing, other));
		this.contextRunner.withBean("registry", Registry.class, () -> registry).run((context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			failing.onStart = () -> {
				throw new IllegalStateException("boom");
			};
			shutdown.standBy("test");
			await().until(() -> registry.stopCalls() == 1);
			failing.stopped();
			other.stopped();
			registry.stopped();
			shutdown.resume();
			await().until(other::isRunning);
			assertThat(failing.isRunning()).isFalse();
			registry.stopped();
		});
	}

	@Test
	void aListenerThatCannotBeStartedDoesNotPreventItsDependents() {
		Listener failing = new Listener("failing");
		this.contextRunner.withBean("failing", Listener.class, () -> failing)
			.withBean("listener", Listener.class, () -> this.listener,
					(definition) -> definition.setDependsOn("failing"))
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				failing.onStart = () -> {
					throw new IllegalStateException("boom");
				};
				this.order.clear();
				shutdown.standBy("test");
				await().until(() -> this.listener.stopCalls() == 1 && failing.stopCalls() == 1);
				this.listener.stopped();
				failing.stopped();
				shutdown.resume();
				await().until(() -> this.order.contains("start listener"));
				assertThat(shutdown.state()).isEqualTo(DrainState.RUNNING);
				this.listener.stopped();
			});
	}

	@Test
	void serversServeOn() {
		this.contextRunner.withBean("server", WebSocketHandlerMapping.class, WebSocketHandlerMapping::new)
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				WebSocketHandlerMapping server = context.getBean(WebSocketHandlerMapping.class);
				shutdown.standBy("test");
				await().during(Duration.ofMillis(200)).until(server::isRunning);
				shutdown.resume();
				assertThat(server.isRunning()).isTrue();
			});
	}

	@Test
	void unknownLifecyclesRunOn() {
		TestLifecycle own = new TestLifecycle(SmartLifecycle.DEFAULT_PHASE);
		this.contextRunner.withBean("own", TestLifecycle.class, () -> own)
			.withBean("listener", Listener.class, () -> this.listener)
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				shutdown.standBy("test");
				await().until(() -> this.listener.stopCalls() == 1);
				this.listener.stopped();
				shutdown.resume();
				await().until(this.listener::isRunning);
				assertThat(own.stopCalls()).isZero();
				this.listener.stopped();
				own.stopped();
			});
	}

	@Test
	void aRegistryThatFailsToListItsContainersIsStopped() {
		Registry registry = new Registry(List.of()) {

			@Override
			public Collection<? extends SmartLifecycle> getListenerContainers() {
				throw new IllegalStateException("boom");
			}

		};
		this.contextRunner.withBean("registry", Registry.class, () -> registry).run((context) -> {
			context.getBean(GracefulShutdown.class).standBy("test");
			await().until(() -> registry.stopCalls() == 1);
			registry.stopped();
		});
	}

	private void run(Consumer<GracefulShutdown> test) {
		this.contextRunner.withBean("listener", Listener.class, () -> this.listener).run((context) -> {
			this.order.clear();
			test.accept(context.getBean(GracefulShutdown.class));
		});
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private class Listener extends TestListenerContainer {

		private final String name;

		private volatile Runnable onStart = () -> {
		};

		Listener(String name) {
			super(SmartLifecycle.DEFAULT_PHASE);
			this.name = name;
		}

		@Override
		public void start() {
			this.onStart.run();
			super.start();
			IntakeResumeTests.this.order.add("start " + this.name);
		}

		@Override
		public void stop(Runnable callback) {
			super.stop(callback);
			IntakeResumeTests.this.order.add("stop " + this.name);
		}

	}

	/**
	 * A registry as those of Spring Kafka, Spring AMQP and Spring JMS: it starts all its
	 * containers.
	 */
	public class Registry extends Listener {

		private final List<Listener> containers;

		Registry(List<Listener> containers) {
			super("registry");
			this.containers = containers;
		}

		public Collection<? extends SmartLifecycle> getListenerContainers() {
			return this.containers;
		}

		@Override
		public void start() {
			super.start();
			this.containers.forEach(Listener::start);
		}

	}

}
