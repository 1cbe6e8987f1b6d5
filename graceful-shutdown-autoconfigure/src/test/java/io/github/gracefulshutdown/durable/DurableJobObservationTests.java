package io.github.gracefulshutdown.durable;

import java.util.Objects;
import java.util.UUID;

import io.github.gracefulshutdown.durable.DurableApplication.Jobs;
import io.github.gracefulshutdown.job.Gate;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationView;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the observation of durable jobs, and for their traces.
 *
 * @author The Graceful Shutdown authors
 */
class DurableJobObservationTests {

	private final String url = "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
		.formatted(UUID.randomUUID());

	private final JdbcTemplate jdbc = new JdbcTemplate(new DriverManagerDataSource(this.url, "sa", ""));

	private @Nullable ConfigurableApplicationContext context;

	private @Nullable TestObservationRegistry observations;

	private Gate gate = new Gate();

	@AfterEach
	void close() {
		ConfigurableApplicationContext context = this.context;
		if (context != null) {
			this.gate.open();
			context.close();
		}
	}

	private Jobs start(Class<?> application, String... properties) {
		ConfigurableApplicationContext context = DurableApplication.start(application, this.url, properties);
		this.context = context;
		this.observations = context.getBeanProvider(TestObservationRegistry.class).getIfAvailable();
		this.gate = DurableApplication.gate(context);
		return DurableApplication.jobs(context);
	}

	private TestObservationRegistry observations() {
		return Objects.requireNonNull(this.observations);
	}

	private void awaitNothingStored() {
		DurableJobTests.await().until(() -> DurableApplication.stored(this.jdbc).isEmpty());
	}

	private TestObservationRegistryAssert.TestObservationRegistryAssertReturningObservationContextAssert assertObserved(
			String outcome) {
		return TestObservationRegistryAssert.assertThat(observations())
			.hasNumberOfObservationsWithNameEqualTo("durable.job", 1)
			.hasObservationWithNameEqualTo("durable.job")
			.that()
			.hasLowCardinalityKeyValue("outcome", outcome)
			.hasBeenStopped();
	}

	@Test
	void aRunContinuesTheTraceOfItsCallerAlsoInAnotherProcess() {
		Jobs jobs = start(TracedApplication.class);
		Observation caller = Observation.start("caller", observations());
		try (Observation.Scope scope = caller.openScope()) {
			jobs.pages(2, 1);
		}
		caller.stop();
		this.gate.awaitArrivals(1);
		String id = Objects.requireNonNull(jobs.context().id());
		String trace = caller.getContext().get("trace");
		Objects.requireNonNull(this.context).close();
		assertObserved("handed_over").hasLowCardinalityKeyValue("job", "pages")
			.hasHighCardinalityKeyValue("job.id", id)
			.hasHighCardinalityKeyValue("job.attempt", "1")
			.hasContextualNameEqualTo("job pages")
			.doesNotHaveError();
		Jobs next = start(TracedApplication.class);
		this.gate.open();
		awaitNothingStored();
		assertThat(jobs.traces()).containsExactly(trace);
		assertThat(next.traces()).containsExactly(trace);
		assertObserved("completed");
	}

	@Test
	void aFailureIsObserved() {
		Jobs jobs = start(TracedApplication.class);
		jobs.fail(1);
		jobs.fatal("1");
		DurableJobTests.await().until(() -> "DEAD".equals(DurableApplication.stored(this.jdbc).get(0).get("state")));
		assertObserved("failed").assertThatError().hasMessage("failed 1");
	}

	@Test
	void aJobThatIsAbandonedIsObservedOnce() {
		Jobs jobs = start(TracedApplication.class, "graceful-shutdown.grace-period=1s",
				"graceful-shutdown.reserve=500ms", "graceful-shutdown.cancel-before-deadline=300ms");
		jobs.stubborn("1");
		this.gate.awaitArrivals(1);
		Objects.requireNonNull(this.context).close();
		assertObserved("abandoned");
		this.gate.open();
		DurableJobTests.await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("1"));
		assertObserved("abandoned");
	}

	@Test
	void aHandlerThatFailsKeepsNoJobFromBeingStoredAndRun() {
		Jobs jobs = start(BrokenApplication.class);
		for (Broken.Event event : Broken.Event.values()) {
			Broken.failing = event;
			jobs.failing(event.name());
			DurableJobTests.await().untilAsserted(() -> assertThat(jobs.done()).contains(event.name()));
			awaitNothingStored();
		}
	}

	@Test
	void aTraceThatIsTooLongIsNotStored() {
		Jobs jobs = start(TracedApplication.class);
		Tracing.header = "x".repeat(1000);
		try {
			jobs.gated("1");
		}
		finally {
			Tracing.header = "";
		}
		this.gate.awaitArrivals(1);
		assertThat(DurableApplication.stored(this.jdbc).get(0).get("trace")).isNull();
	}

	@Test
	void withoutObservationsNothingIsStored() {
		Jobs jobs = start(DurableApplication.class);
		jobs.gated("1");
		this.gate.awaitArrivals(1);
		assertThat(DurableApplication.stored(this.jdbc).get(0).get("trace")).isNull();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@Import(DurableApplication.class)
	static class TracedApplication {

		@Bean
		TestObservationRegistry observations() {
			TestObservationRegistry registry = TestObservationRegistry.create();
			registry.observationConfig().observationHandler(new Tracing());
			return registry;
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@Import(DurableApplication.class)
	static class BrokenApplication {

		@Bean
		TestObservationRegistry observations() {
			TestObservationRegistry registry = TestObservationRegistry.create();
			registry.observationConfig().observationHandler(new Broken());
			return registry;
		}

	}

	/**
	 * Propagates a trace as the handlers of Micrometer Tracing do.
	 */
	static class Tracing implements ObservationHandler<Observation.Context> {

		private static volatile String header = "";

		@Override
		public void onStart(Observation.Context context) {
			String trace = parentOf(context);
			if (trace == null) {
				trace = UUID.randomUUID().toString();
			}
			context.put("trace", trace);
			if (context instanceof SenderContext<?> sender) {
				send(sender, trace + header);
			}
		}

		private static <C> void send(SenderContext<C> sender, String trace) {
			sender.getSetter().set(Objects.requireNonNull(sender.getCarrier()), "traceparent", trace);
		}

		private static @Nullable String parentOf(Observation.Context context) {
			if (context instanceof ReceiverContext<?> receiver) {
				return receive(receiver);
			}
			ObservationView parent = context.getParentObservation();
			return (parent != null) ? parent.getContextView().get("trace") : null;
		}

		private static <C> @Nullable String receive(ReceiverContext<C> receiver) {
			return receiver.getGetter().get(Objects.requireNonNull(receiver.getCarrier()), "traceparent");
		}

		@Override
		public void onScopeOpened(Observation.Context context) {
			MDC.put("trace", context.get("trace"));
		}

		@Override
		public void onScopeClosed(Observation.Context context) {
			MDC.remove("trace");
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

	/**
	 * Fails at one event after the other.
	 */
	static class Broken implements ObservationHandler<Observation.Context> {

		private static volatile Event failing = Event.START;

		enum Event {

			START, SCOPE_OPENED, SCOPE_CLOSED, STOP

		}

		@Override
		public void onStart(Observation.Context context) {
			failAt(Event.START);
		}

		@Override
		public void onScopeOpened(Observation.Context context) {
			failAt(Event.SCOPE_OPENED);
		}

		@Override
		public void onScopeClosed(Observation.Context context) {
			failAt(Event.SCOPE_CLOSED);
		}

		@Override
		public void onStop(Observation.Context context) {
			failAt(Event.STOP);
		}

		private static void failAt(Event event) {
			if (failing == event) {
				throw new IllegalStateException("The observation handler has failed");
			}
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
