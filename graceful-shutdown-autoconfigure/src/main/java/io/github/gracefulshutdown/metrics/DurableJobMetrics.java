package io.github.gracefulshutdown.metrics;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.durable.DurableEngine;
import io.github.gracefulshutdown.durable.DurableJobState;
import io.github.gracefulshutdown.durable.DurableStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * {@link MeterBinder} for durable jobs. Its tags are the names of the jobs of this
 * application, so that their number is limited.
 *
 * @author The Graceful Shutdown authors
 */
public final class DurableJobMetrics implements MeterBinder {

	private final DurableEngine engine;

	/**
	 * Create a binder.
	 * @param engine the jobs to measure
	 */
	public DurableJobMetrics(DurableEngine engine) {
		this.engine = engine;
	}

	/**
	 * Registers nothing if the application has no durable job.
	 */
	@Override
	public void bindTo(MeterRegistry registry) {
		this.engine.whenDefined(() -> bind(registry, this.engine.getStatistics()));
	}

	private static void bind(MeterRegistry registry, DurableStatistics statistics) {
		Map<String, Timer> waits = new HashMap<>();
		for (String job : statistics.getNames()) {
			for (DurableJobState state : DurableJobState.values()) {
				Gauge.builder("durable.jobs", statistics, (numbers) -> numbers.getCount(job, state))
					.description("Durable jobs that are stored, by all instances")
					.tag("job", job)
					.tag("state", lowerCase(state))
					.register(registry);
			}
			TimeGauge
				.builder("durable.jobs.oldest", statistics, TimeUnit.MILLISECONDS,
						(numbers) -> numbers.getOldestMillis(job))
				.description("Time since the first of the queued durable jobs is due")
				.tag("job", job)
				.register(registry);
			if (!job.equals(DurableStatistics.OTHER)) {
				waits.put(job, waitTimer(registry, job));
			}
		}
		if (waits.isEmpty()) {
			return;
		}
		statistics.onBegin((job, waited) -> {
			Timer timer = waits.get(job);
			if (timer != null) {
				timer.record(waited);
			}
		});
		bindTakenOver(registry, statistics, DurableJobState.QUEUED);
		bindTakenOver(registry, statistics, DurableJobState.DEAD);
	}

	private static Timer waitTimer(MeterRegistry registry, String job) {
		return Timer.builder("durable.job.wait")
			.description("Time from the moment when a durable job is due to its begin")
			.tag("job", job)
			.register(registry);
	}

	private static void bindTakenOver(MeterRegistry registry, DurableStatistics statistics, DurableJobState state) {
		FunctionCounter.builder("durable.jobs.taken.over", statistics, (numbers) -> numbers.getTakenOver(state))
			.description("Durable jobs that this instance has taken over from dead instances")
			.tag("state", lowerCase(state))
			.register(registry);
	}

	private static String lowerCase(DurableJobState state) {
		return state.name().toLowerCase(Locale.ROOT);
	}

}
