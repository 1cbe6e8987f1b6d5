package io.github.gracefulshutdown.durable;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.gracefulshutdown.job.JobObservations;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Observes calls and runs of durable jobs. The headers of the trace of a call are stored
 * with the job, so that each run belongs to that trace, in whatever process. A failure of
 * an observation is logged, and does not keep a job from being stored or run.
 *
 * @author The Graceful Shutdown authors
 */
final class DurableObservations {

	private static final Log logger = LogFactory.getLog(DurableObservations.class);

	/**
	 * The length of the column.
	 */
	static final int MAX_TRACE_LENGTH = 1000;

	private final Supplier<ObservationRegistry> registry;

	private final JobObservations observations;

	private final JobJson json;

	DurableObservations(Supplier<ObservationRegistry> registry, JobJson json) {
		this.registry = registry;
		this.observations = new JobObservations(registry);
		this.json = json;
	}

	/**
	 * Observe a call.
	 * @param <T> the type of the result
	 * @param name the name of the job
	 * @param store stores the call, with the headers of its trace in JSON, or with
	 * {@code null}
	 * @return the result
	 */
	<T> T observe(String name, Function<@Nullable String, T> store) {
		ObservationRegistry registry = this.registry.get();
		if (registry.isNoop()) {
			return store.apply(null);
		}
		Map<String, String> headers = new LinkedHashMap<>();
		Observation observation = attempt(name, () -> start(registry, name, headers));
		try {
			return store.apply(attempt(name, () -> write(headers)));
		}
		catch (RuntimeException | Error ex) {
			end(observation, name, (failed) -> failed.error(ex));
			throw ex;
		}
		finally {
			end(observation, name, Observation::stop);
		}
	}

	private static Observation start(ObservationRegistry registry, String name, Map<String, String> headers) {
		SenderContext<Map<String, String>> context = new SenderContext<>(
				(carrier, header, value) -> headers.put(header, value), Kind.PRODUCER);
		context.setCarrier(headers);
		return Observation.createNotStarted("durable.job.enqueue", () -> context, registry)
			.contextualName("enqueue " + name)
			.lowCardinalityKeyValue("job", name)
			.start();
	}

	private static void end(@Nullable Observation observation, String name, Consumer<Observation> event) {
		if (observation != null) {
			attempt(name, () -> {
				event.accept(observation);
				return null;
			});
		}
	}

	private @Nullable String write(Map<String, String> headers) {
		String trace = !headers.isEmpty() ? this.json.writeTrace(headers) : null;
		return (trace != null && trace.length() <= MAX_TRACE_LENGTH) ? trace : null;
	}

	/**
	 * Begin to observe a run, which ends the observation itself, on the calling thread.
	 * @param run the run
	 * @return the scope, to be closed by the same thread
	 */
	JobObservations.Scope open(DurableRun run) {
		return this.observations.open(run, (registry) -> {
			ReceiverContext<Map<String, String>> context = new ReceiverContext<>(Map::get, Kind.CONSUMER);
			context.setCarrier(read(run));
			return Observation.createNotStarted("durable.job", () -> context, registry)
				.contextualName("job " + run.getDefinition().name())
				.lowCardinalityKeyValue("job", run.getDefinition().name())
				.highCardinalityKeyValue("job.id", run.id())
				.highCardinalityKeyValue("job.attempt", String.valueOf(run.attempt()));
		});
	}

	private Map<String, String> read(DurableRun run) {
		String trace = run.getJob().trace();
		Map<String, String> headers = (trace != null) ? attempt(run.getName(), () -> this.json.readTrace(trace)) : null;
		return (headers != null) ? headers : Map.of();
	}

	private static <T> @Nullable T attempt(String name, Supplier<? extends @Nullable T> code) {
		try {
			return code.get();
		}
		catch (RuntimeException | LinkageError ex) {
			logger.warn("Failed to observe durable job '%s'".formatted(name), ex);
			return null;
		}
	}

}
