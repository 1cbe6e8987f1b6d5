package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.Work;
import io.micrometer.observation.Observation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * One run of a job, whose code can ask for its {@link JobContext}.
 *
 * @author The Graceful Shutdown authors
 */
public abstract class JobWork extends Work implements JobContext {

	private static final Log logger = LogFactory.getLog(JobWork.class);

	private final Stopping stopping;

	private @Nullable List<Runnable> stoppingCallbacks;

	private volatile @Nullable Observation observation;

	private boolean observed;

	/**
	 * Create a run that the calling thread submits.
	 * @param workload the family of jobs
	 * @param stopping knows whether the application is stopping
	 */
	protected JobWork(TrackedWorkload<?> workload, Stopping stopping) {
		super(workload);
		this.stopping = stopping;
	}

	/**
	 * Create a run.
	 * @param workload the family of jobs
	 * @param stopping knows whether the application is stopping
	 * @param foreign whether the drain does not wait for it
	 */
	protected JobWork(TrackedWorkload<?> workload, Stopping stopping, boolean foreign) {
		super(workload, foreign);
		this.stopping = stopping;
	}

	@Override
	public final boolean isStopping() {
		return this.stopping.isBegun();
	}

	@Override
	public final @Nullable Duration remaining() {
		return this.stopping.remaining();
	}

	@Override
	public final boolean sleep(Duration duration) throws InterruptedException {
		return !this.stopping.await(duration);
	}

	@Override
	public final void onStopping(Runnable callback) {
		synchronized (this) {
			if (!isStopping()) {
				if (this.stoppingCallbacks == null) {
					this.stoppingCallbacks = new ArrayList<>();
				}
				this.stoppingCallbacks.add(callback);
				return;
			}
		}
		call(callback);
	}

	/**
	 * Call the callbacks, because the application is stopping.
	 */
	public final void callStoppingCallbacks() {
		takeStoppingCallbacks().forEach(this::call);
	}

	private synchronized List<Runnable> takeStoppingCallbacks() {
		List<Runnable> callbacks = this.stoppingCallbacks;
		this.stoppingCallbacks = null;
		return (callbacks != null && !getState().isOutcome()) ? callbacks : List.of();
	}

	final void setObservation(Observation observation) {
		this.observation = observation;
	}

	final @Nullable Observation getObservation() {
		return this.observation;
	}

	/**
	 * Tell the observation, if there is one, that the job has failed.
	 * @param failure the reason
	 */
	protected final void observeFailure(Throwable failure) {
		Observation observation = this.observation;
		if (observation != null) {
			observe(() -> observation.error(failure));
		}
	}

	/**
	 * End the observation, if there is one. Only the first call has an effect.
	 * @param outcome the outcome
	 */
	protected final void observeEnd(WorkState outcome) {
		Observation observation = this.observation;
		if (observation == null) {
			return;
		}
		synchronized (this) {
			if (this.observed) {
				return;
			}
			this.observed = true;
		}
		observe(() -> observation.lowCardinalityKeyValue("outcome", outcome.lowerCase()).stop());
	}

	private void observe(Runnable event) {
		try {
			event.run();
		}
		catch (Throwable ex) {
			// An error of a handler, too: the job has to end
			logger.warn("Failed to observe the end of job '%s'".formatted(getName()), ex);
		}
	}

	/**
	 * Call a callback of the application, whose exception is logged.
	 * @param callback the callback
	 */
	protected final void call(Runnable callback) {
		BestEffort.run(logger, "a callback of job '%s'".formatted(getName()), callback::run);
	}

}
