package io.github.gracefulshutdown.intake;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.IntakeDrainAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import io.github.gracefulshutdown.tracking.InFlight;
import org.apache.camel.CamelContext;
import org.apache.camel.Category;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.Suspendable;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spring.SpringCamelContext;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.ScheduledPollConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of Apache Camel.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class CamelDrainTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class,
				LifecycleAutoConfiguration.class, GracefulShutdownAutoConfiguration.class,
				ExecutorDrainAutoConfiguration.class, IntakeDrainAutoConfiguration.class))
		.withUserConfiguration(CamelConfiguration.class);

	private final Gate gate = new Gate();

	private final AtomicInteger ticks = new AtomicInteger();

	private final AtomicInteger finished = new AtomicInteger();

	private ApplicationContextRunner routes(Routes routes) {
		return this.contextRunner.withBean(RouteBuilder.class, () -> new RouteBuilder() {

			@Override
			public void configure() {
				routes.add(this);
			}

		});
	}

	@Test
	void aTimerThatFeedsAnExecutorStopsAtTheSignal() {
		ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
		executor.setCorePoolSize(1);
		ApplicationContextRunner runner = routes(
				(builder) -> builder.from("timer:feed?period=5").process((exchange) -> executor.execute(() -> {
					this.gate.passStubbornly();
					this.finished.incrementAndGet();
				})))
			.withBean(ThreadPoolTaskExecutor.class, () -> executor);
		runner.run((context) -> {
			this.gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			await().until(() -> context.getBean(CamelWorkload.class).getInFlight() == 0);
			long inFlight = shutdown.inFlight();
			await().during(Duration.ofMillis(100)).until(() -> shutdown.inFlight() == inFlight);
			this.gate.open();
			assertThat(report.thenApply((ended) -> this.finished.get()).join()).isEqualTo((int) inFlight);
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@Test
	void aLookAtARunningApplicationDoesNotPurgeAQueue() {
		routes((builder) -> builder.from("seda:work?purgeWhenStopping=true").process((exchange) -> {
			this.gate.passStubbornly();
			this.finished.incrementAndGet();
		})).run((context) -> {
			for (int i = 0; i < 3; i++) {
				context.getBean(CamelContext.class).createProducerTemplate().sendBody("seda:work", "message");
			}
			this.gate.awaitArrivals(1);
			assertThat(context.getBean(CamelWorkload.class).getInFlight()).isOne();
			assertThat(context.getBean(CamelWorkload.class).describe(10)).hasSize(1);
			this.gate.open();
			await().untilAsserted(() -> assertThat(this.finished).hasValue(3));
		});
	}

	@Test
	void theQueueOfARouteThatIsNotStartedIsNotWaitedFor() {
		routes((builder) -> builder.from("seda:later").autoStartup(false).log("message")).run((context) -> {
			context.getBean(CamelContext.class).createProducerTemplate().sendBody("seda:later", "message");
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@Test
	void anExchangeInFlightAndOneInTheQueueOfARouteAreWaitedForAndNamed() {
		routes((builder) -> builder.from("seda:work?size=10").routeId("work").process((exchange) -> {
			this.gate.passStubbornly();
			this.finished.incrementAndGet();
		})).run((context) -> {
			CamelContext camel = context.getBean(CamelContext.class);
			for (int i = 0; i < 3; i++) {
				camel.createProducerTemplate().sendBody("seda:work?size=10", "message");
			}
			this.gate.awaitArrivals(1);
			CamelWorkload exchanges = context.getBean(CamelWorkload.class);
			assertThat(exchanges.getInFlight()).isOne();
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(exchanges.describe(10)).extracting((exchange) -> exchange.name() + " " + exchange.state())
				.containsExactly("work " + WorkState.RUNNING, "work " + WorkState.QUEUED, "work " + WorkState.QUEUED);
			assertThat(exchanges.describe(1)).hasSize(1);
			this.gate.open();
			assertThat(report.thenApply((ended) -> this.finished.get()).join()).isEqualTo(3);
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@Test
	void aLookAtTheSignalDoesNotCountBecauseAnExchangeMayBeOnItsWayLater() {
		routes((builder) -> builder.from("seda:work").log("message")).run((context) -> {
			AtomicLong clock = new AtomicLong();
			CamelWorkload exchanges = new CamelWorkload(new InFlight(),
					context.getSourceApplicationContext().getBeanFactory(), (name) -> false, clock::get);
			exchanges.stopAccepting();
			clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
			assertThat(exchanges.isIdle()).isFalse();
			clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(5));
			assertThat(exchanges.isIdle()).isTrue();
		});
	}

	@Test
	void routesThatTheApplicationCallsGoOnInStandbyAndTimersComeBackAfterIt() {
		routes((builder) -> {
			builder.from("timer:tick?period=5").process((exchange) -> this.ticks.incrementAndGet());
			builder.from("direct:echo").transform().simple("${body}!");
		}).run((context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			CamelWorkload exchanges = context.getBean(CamelWorkload.class);
			await().until(() -> this.ticks.get() > 0);
			shutdown.standBy("test");
			await().until(() -> exchanges.getInFlight() == 0);
			int before = this.ticks.get();
			await().during(Duration.ofMillis(100)).until(() -> this.ticks.get() == before);
			assertThat(context.getBean(CamelContext.class)
				.createProducerTemplate()
				.requestBody("direct:echo", "hello", String.class)).isEqualTo("hello!");
			shutdown.resume();
			await().until(() -> this.ticks.get() > before);
		});
	}

	@Test
	void aBatchOfFilesEndsAfterTheFileInHandAndGoesOnAfterStandby(@TempDir Path directory) throws Exception {
		for (int i = 0; i < 20; i++) {
			Files.writeString(directory.resolve("file" + i), "content");
		}
		routes((builder) -> builder.from("file:" + directory + "?initialDelay=0&delay=20").process((exchange) -> {
			this.gate.passStubbornly();
			this.finished.incrementAndGet();
		})).run((context) -> {
			this.gate.awaitArrivals(1);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			shutdown.standBy("test");
			await().until(() -> ((DefaultConsumer) context.getBean(CamelContext.class).getRoutes().get(0).getConsumer())
				.isSuspended());
			this.gate.open();
			await().until(() -> context.getBean(CamelWorkload.class).getInFlight() == 0);
			assertThat(this.finished).hasValue(1);
			shutdown.resume();
			await().until(() -> this.finished.get() == 20);
		});
	}

	@Test
	void aContextThatIsExcludedIsLeftAlone() {
		routes((builder) -> builder.from("timer:tick?period=5").process((exchange) -> this.ticks.incrementAndGet()))
			.withPropertyValues("graceful-shutdown.intake.exclude=camel")
			.run((context) -> {
				context.getBean(GracefulShutdown.class).standBy("test");
				int before = this.ticks.get();
				await().until(() -> this.ticks.get() > before + 10);
				assertThat(context.getBean(CamelWorkload.class).getInFlight()).isZero();
			});
	}

	@Test
	void consumersAreSuspendedByWhatTheirEndpointsAreFor() {
		assertThat(CamelConsumers.roleOf(new TestConsumer(new Messages()))).isEqualTo(LifecycleRole.INTAKE);
		assertThat(CamelConsumers.roleOf(new TestConsumer(new Server()))).isEqualTo(LifecycleRole.SERVER);
		assertThat(CamelConsumers.roleOf(new TestConsumer(new OnWebServer()))).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
		assertThat(CamelConsumers.roleOf(new TestConsumer(new Unknown()))).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
		assertThat(CamelConsumers.roleOf(new TestConsumer(new Local()))).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
		assertThat(CamelConsumers.roleOf(new TestConsumer(new LocalTimer()))).isEqualTo(LifecycleRole.INTAKE);
		assertThat(CamelConsumers.roleOf(new PollConsumer(new Server()))).isEqualTo(LifecycleRole.INTAKE);
	}

	@Test
	void aServerIsSuspendedAfterTheDelayAndNotInStandby() {
		Server server = new Server();
		run(server, (context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			List<DrainState> states = new CopyOnWriteArrayList<>();
			server.onSuspend = () -> states.add(shutdown.state());
			shutdown.standBy("test");
			shutdown.resume();
			context.getSourceApplicationContext().close();
			assertThat(states).startsWith(DrainState.DRAINING);
		}, "graceful-shutdown.delay=300ms");
	}

	@Test
	void aConsumerThatTakesLongToStopHoldsUpNothingElseAndIsResumedAfterwards() {
		Messages slow = new Messages();
		slow.release = new CountDownLatch(1);
		run(slow, (context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			shutdown.standBy("test");
			await().until(() -> slow.calls.contains("suspend"));
			assertThat(context.getBean(CamelWorkload.class).getInFlight()).isOne();
			assertThat(context.getBean(CamelWorkload.class).isIdle()).isFalse();
			shutdown.resume();
			assertThat(slow.calls).containsExactly("suspend");
			slow.release.countDown();
			await().untilAsserted(() -> assertThat(slow.calls).containsExactly("suspend", "resume"));
		});
	}

	private void run(TestEndpoint endpoint, ThrowingConsumer test, String... properties) {
		routes((builder) -> builder.from(endpoint).process((exchange) -> {
		})).withPropertyValues(properties).run((context) -> test.accept(context));
	}

	private static CompletableFuture<DrainReport> shutdown(AssertableApplicationContext context) {
		return context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture();
	}

	private static void awaitDraining(AssertableApplicationContext context) {
		await().until(() -> context.getBean(GracefulShutdown.class).state() == DrainState.DRAINING);
	}

	@FunctionalInterface
	private interface Routes {

		void add(RouteBuilder builder);

	}

	@FunctionalInterface
	private interface ThrowingConsumer {

		void accept(AssertableApplicationContext context) throws Exception;

	}

	@Configuration(proxyBeanMethods = false)
	static class CamelConfiguration {

		@Bean
		SpringCamelContext camel(ApplicationContext context, List<RouteBuilder> routes) throws Exception {
			SpringCamelContext camel = new SpringCamelContext(context);
			camel.getShutdownStrategy().setTimeout(1);
			for (RouteBuilder route : routes) {
				camel.addRoutes(route);
			}
			return camel;
		}

	}

	private abstract static class TestEndpoint extends DefaultEndpoint {

		final List<String> calls = new CopyOnWriteArrayList<>();

		volatile Runnable onSuspend = () -> {
		};

		volatile CountDownLatch release = new CountDownLatch(0);

		TestEndpoint() {
			super("test:endpoint", component());
			setCamelContext(new DefaultCamelContext());
		}

		private static Component component() {
			return new DefaultComponent() {

				@Override
				protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
					throw new UnsupportedOperationException();
				}

			};
		}

		@Override
		public Producer createProducer() {
			throw new UnsupportedOperationException();
		}

		@Override
		public Consumer createConsumer(Processor processor) {
			return new TestConsumer(this, processor);
		}

	}

	@UriEndpoint(scheme = "messages", title = "", syntax = "", category = Category.MESSAGING)
	private static final class Messages extends TestEndpoint {

	}

	@UriEndpoint(scheme = "server", title = "", syntax = "", category = { Category.NETWORKING, Category.MESSAGING })
	private static final class Server extends TestEndpoint {

	}

	@UriEndpoint(scheme = "platform-http", title = "", syntax = "", category = Category.HTTP)
	private static final class OnWebServer extends TestEndpoint {

	}

	@UriEndpoint(scheme = "local", title = "", syntax = "", category = Category.MESSAGING, remote = false)
	private static final class Local extends TestEndpoint {

	}

	@UriEndpoint(scheme = "timer", title = "", syntax = "", category = Category.SCHEDULING, remote = false)
	private static final class LocalTimer extends TestEndpoint {

	}

	private static final class Unknown extends TestEndpoint {

	}

	private static final class PollConsumer extends ScheduledPollConsumer {

		PollConsumer(TestEndpoint endpoint) {
			super(endpoint, (exchange) -> {
			});
		}

		@Override
		protected int poll() {
			return 0;
		}

	}

	private static final class TestConsumer extends DefaultConsumer implements Suspendable {

		private final TestEndpoint endpoint;

		TestConsumer(TestEndpoint endpoint) {
			this(endpoint, (exchange) -> {
			});
		}

		TestConsumer(TestEndpoint endpoint, Processor processor) {
			super(endpoint, processor);
			this.endpoint = endpoint;
		}

		@Override
		protected void doSuspend() throws Exception {
			this.endpoint.calls.add("suspend");
			this.endpoint.onSuspend.run();
			this.endpoint.release.await();
		}

		@Override
		protected void doResume() {
			this.endpoint.calls.add("resume");
		}

	}

}
