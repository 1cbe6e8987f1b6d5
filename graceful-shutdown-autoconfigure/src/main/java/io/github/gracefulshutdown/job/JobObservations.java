package io.github.gracefulshutdown.job;

import java.util.function.Function;
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
public final class JobObservations {

	private static final Log logger = LogFactory.getLog(JobObservations.class);

	private final Supplier<ObservationRegistry> registry;

	/**
	 * Create an instance.
	 * @param registry the registry, resolved at the first job
	 */
	public JobObservations(Supplier<ObservationRegistry> registry) {
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
		openWithin(parent, job).close();
	}

	/**
	 * Begin to observe a job, which ends the observation itself, on the calling thread.
	 * @param job the job
	 * @return the scope, to be closed by the same thread
	 */
	Scope open(Job job) {
		return openWithin(null, job);
	}

	private Scope openWithin(@Nullable Observation parent, Job job) {
		return open(job, (registry) -> {
			Observation observation = Observation.createNotStarted("background.job", registry)
				.contextualName("job " + job.getName())
				.lowCardinalityKeyValue("job", job.getTag());
			return (parent != null) ? observation.parentObservation(parent) : observation;
		});
	}

	/**
	 * Begin to observe a job, which ends the observation itself, on the calling thread.
	 * @param job the job
	 * @param create creates the observation, which is not started
	 * @return the scope, to be closed by the same thread
	 */
	public Scope open(JobWork job, Function<ObservationRegistry, Observation> create) {
		ObservationRegistry registry = this.registry.get();
		if (registry.isNoop()) {
			return Scope.NOOP;
		}
		Observation.Scope outer = registry.getCurrentObservationScope();
		try {
			Observation observation = create.apply(registry);
			observation.start();
			job.setObservation(observation);
			Observation.Scope scope = observation.openScope();
			return () -> close(scope, job, outer);
		}
		catch (RuntimeException | LinkageError ex) {
			restore(outer, job, ex);
			return Scope.NOOP;
		}
	}

	private void close(Observation.Scope scope, JobWork job, Observation.@Nullable Scope outer) {
		try {
			scope.close();
		}
		catch (RuntimeException | LinkageError ex) {
			restore(outer, job, ex);
		}
	}

	private void restore(Observation.@Nullable Scope outer, JobWork job, Throwable ex) {
		logger.warn("Failed to observe job '%s'".formatted(job.getName()), ex);
		this.registry.get().setCurrentObservationScope(outer);
	}

	/**
	 * The part of an observation that belongs to the calling thread.
	 */
	public interface Scope extends AutoCloseable {

		/**
		 * The scope of an observation that does not exist.
		 */
		Scope NOOP = () -> {
		};

		@Override
		void close();

	}

}
