package io.github.gracefulshutdown.durable;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import brave.Tracing;
import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.propagation.TraceContext;
import io.github.gracefulshutdown.durable.DurableApplication.Jobs;
import io.github.gracefulshutdown.job.Gate;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.brave.bridge.BraveBaggageManager;
import io.micrometer.tracing.brave.bridge.BraveCurrentTraceContext;
import io.micrometer.tracing.brave.bridge.BravePropagator;
import io.micrometer.tracing.brave.bridge.BraveTracer;
import io.micrometer.tracing.brave.bridge.W3CPropagation;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.propagation.Propagator;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The traces of durable jobs, with the tracer and the headers of an application.
 *
 * @author The Graceful Shutdown authors
 */
class DurableJobTraceTests {

	private final String url = "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
		.formatted(UUID.randomUUID());

	private final JdbcTemplate jdbc = new JdbcTemplate(new DriverManagerDataSource(this.url, "sa", ""));

	@Test
	void runsAreSpansOfTheTraceOfTheCallerAlsoInAnotherProcess() {
		Spans calling;
		try (ConfigurableApplicationContext context = DurableApplication.start(BraveApplication.class, this.url)) {
			calling = context.getBean(Spans.class);
			Jobs jobs = DurableApplication.jobs(context);
			Observation.createNotStarted("caller", context.getBean(ObservationRegistry.class))
				.observe(() -> jobs.pages(2, 1));
			Gate gate = DurableApplication.gate(context);
			gate.awaitArrivals(1);
		}
		MutableSpan caller = calling.get("caller");
		MutableSpan call = calling.get("enqueue pages");
		assertThat(call.parentId()).isEqualTo(caller.id());
		assertThat(call.kind()).isEqualTo(brave.Span.Kind.PRODUCER);
		assertChild(calling.get("job pages"), call);
		assertThat(DurableApplication.stored(this.jdbc)).singleElement()
			.extracting((job) -> job.get("trace"))
			.asString()
			.contains("\"traceparent\":\"00-%s-%s-01\"".formatted(caller.traceId(), call.id()));
		try (ConfigurableApplicationContext context = DurableApplication.start(BraveApplication.class, this.url)) {
			DurableApplication.gate(context).open();
			DurableJobTests.await().until(() -> DurableApplication.stored(this.jdbc).isEmpty());
			Spans running = context.getBean(Spans.class);
			DurableJobTests.await().untilAsserted(() -> assertChild(running.get("job pages"), call));
		}
	}

	private static void assertChild(MutableSpan run, MutableSpan call) {
		assertThat(run.traceId()).isEqualTo(call.traceId());
		assertThat(run.parentId()).isEqualTo(call.id());
		assertThat(run.id()).isNotEqualTo(call.id());
		assertThat(run.kind()).isEqualTo(brave.Span.Kind.CONSUMER);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@Import(DurableApplication.class)
	static class BraveApplication {

		@Bean
		Spans spans() {
			return new Spans();
		}

		@Bean(destroyMethod = "close")
		Tracing tracing(Spans spans) {
			return Tracing.newBuilder()
				.propagationFactory(new W3CPropagation())
				.traceId128Bit(true)
				.supportsJoin(false)
				.addSpanHandler(spans)
				.build();
		}

		@Bean
		ObservationRegistry registry(Tracing tracing) {
			Tracer tracer = new BraveTracer(tracing.tracer(),
					new BraveCurrentTraceContext(tracing.currentTraceContext()), new BraveBaggageManager());
			Propagator propagator = new BravePropagator(tracing);
			ObservationRegistry registry = ObservationRegistry.create();
			registry.observationConfig()
				.observationHandler(new FirstMatchingCompositeObservationHandler(
						new PropagatingSenderTracingObservationHandler<>(tracer, propagator),
						new PropagatingReceiverTracingObservationHandler<>(tracer, propagator),
						new DefaultTracingObservationHandler(tracer)));
			return registry;
		}

	}

	/**
	 * The spans that have ended.
	 */
	static class Spans extends SpanHandler {

		private final List<MutableSpan> ended = new CopyOnWriteArrayList<>();

		@Override
		public boolean end(TraceContext context, MutableSpan span, Cause cause) {
			return this.ended.add(span);
		}

		MutableSpan get(String name) {
			List<MutableSpan> spans = this.ended.stream().filter((span) -> name.equals(span.name())).toList();
			assertThat(spans).as("%s in %s", name, this.ended).hasSize(1);
			return Objects.requireNonNull(spans.get(0));
		}

	}

}
