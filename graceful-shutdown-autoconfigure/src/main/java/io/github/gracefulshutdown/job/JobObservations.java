package io.github.gracefulshutdown.job;

import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Observes the runs of jobs. A failure of an observation is logged, and does not keep a
 * job from running or ending.
 *
 * @author The Graceful Shutdown authors
 */
final class JobObservations {

	private static final Log logger = LogFactory.getLog(JobObservations.class);

	private final Supplier<ObservationRegistry> registry;

	JobObservations(Supplier<ObservationRegistry> registry) {
		this.registry = registry;
	}

	/**
	 * Begin to observe a job, which ends the observation itself.
	 * @param job the job
	 */
	void start(Job job) {
		open(job).close();
	}

	/**
	 * Begin to observe a job, which ends the observation itself.
	 * @param job the job
	 * @param parent the parent observation, or {@code null} for that of the calling
	 * thread
	 */
	void start(Job job, @Nullable Observation parent) {
		open(job, parent).close();
	}

	/**
	 * Begin to observe a job, which ends the observation itself, on the calling thread.
	 * @param job the job
	 * @return the scope, to be closed by the same thread
	 */
	Scope open(Job job) {
		return open(job, null);
	}

	private Scope open(Job job, @Nullable Observation parent) {
		ObservationRegistry registry = this.registry.get();
		if (registry.isNoop()) {
			return Scope.NOOP;
		}
		Observation.Scope outer = registry.getCurrentObservationScope();
		try {
			Observation observation = Observation.createNotStarted("background.job", registry)
				.contextualName("job " + job.getName())
				.lowCardinalityKeyValue("job", job.getTag());
			if (parent != null) {
				observation.parentObservation(parent);
			}
			observation.start();
			job.setObservation(observation);
			Observation.Scope scope = observation.openScope();
			return () -> close(scope, job, outer);
		}
		catch (RuntimeException ex) {
			restore(outer, job, ex);
			return Scope.NOOP;
		}
	}

	private void close(Observation.Scope scope, Job job, Observation.@Nullable Scope outer) {
		try {
			scope.close();
		}
		catch (RuntimeException ex) {
			restore(outer, job, ex);
		}
	}

	private void restore(Observation.@Nullable Scope outer, Job job, RuntimeException ex) {
		logger.warn("Failed to observe background job '%s'".formatted(job.getName()), ex);
		this.registry.get().setCurrentObservationScope(outer);
	}

	/**
	 * The part of an observation that belongs to the calling thread.
	 */
	interface Scope extends AutoCloseable {

		/**
		 * The scope of an observation that does not exist.
		 */
		Scope NOOP = () -> {
		};

		@Override
		void close();

	}

}
