package io.github.gracefulshutdown.metrics;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.drain.Workloads;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.context.event.EventListener;

/**
 * {@link MeterBinder} for the drain. It registers all meters at start-up, because a
 * registry that is about to be closed takes no new ones.
 *
 * @author The Graceful Shutdown authors
 */
public final class DrainMetrics implements MeterBinder {

	private final GracefulShutdown shutdown;

	private final Workloads workloads;

	private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

	/**
	 * Create a binder.
	 * @param shutdown the shutdown to measure
	 * @param workloads the workloads to measure
	 */
	public DrainMetrics(GracefulShutdown shutdown, Workloads workloads) {
		this.shutdown = shutdown;
		this.workloads = workloads;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.registries.add(registry);
		bindState(registry);
		bindRemaining(registry);
		Stream.of(DrainState.values()).filter(DrainState::isEnded).forEach((outcome) -> drainTimer(registry, outcome));
		for (Workload workload : this.workloads.all()) {
			bindInFlight(registry, workload);
			bindOutcomes(registry, workload);
		}
	}

	private void bindState(MeterRegistry registry) {
		for (DrainState state : DrainState.values()) {
			Gauge.builder("graceful.shutdown.state", this.shutdown, (shutdown) -> (shutdown.state() == state) ? 1 : 0)
				.description("Whether the shutdown is in this state")
				.tag("state", lowerCase(state))
				.register(registry);
		}
	}

	private void bindRemaining(MeterRegistry registry) {
		TimeGauge.builder("graceful.shutdown.remaining", this.shutdown, TimeUnit.SECONDS, DrainMetrics::remaining)
			.description("Time until the deadline of the drain")
			.register(registry);
	}

	private static double remaining(GracefulShutdown shutdown) {
		Duration remaining = shutdown.remaining();
		return (remaining != null) ? remaining.toMillis() / 1000.0 : Double.NaN;
	}

	private void bindInFlight(MeterRegistry registry, Workload workload) {
		Gauge.builder("graceful.shutdown.inflight", workload, Workload::getInFlight)
			.description("Work that is accepted and not finished")
			.tag("workload", workload.getName())
			.register(registry);
	}

	private void bindOutcomes(MeterRegistry registry, Workload workload) {
		workload.getOutcomes()
			.keySet()
			.forEach((outcome) -> FunctionCounter
				.builder("graceful.shutdown.work", workload,
						(counted) -> counted.getOutcomes().getOrDefault(outcome, 0L))
				.description("Work that has ended")
				.tag("workload", workload.getName())
				.tag("outcome", outcome.lowerCase())
				.register(registry));
	}

	@EventListener
	void onDrainCompleted(DrainCompletedEvent event) {
		DrainReport report = event.report();
		for (MeterRegistry registry : this.registries) {
			drainTimer(registry, report.state()).record(report.duration());
		}
	}

	private Timer drainTimer(MeterRegistry registry, DrainState outcome) {
		return Timer.builder("graceful.shutdown.drain")
			.description("Time from the signal to the end of the drain")
			.tag("outcome", lowerCase(outcome))
			.register(registry);
	}

	private static String lowerCase(DrainState state) {
		return state.name().toLowerCase(Locale.ROOT);
	}

}
