package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.SubmittedWork;
import io.micrometer.observation.Observation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * One run of a background job.
 *
 * @author The Graceful Shutdown authors
 */
final class Job extends SubmittedWork implements JobContext {

	private static final Log logger = LogFactory.getLog(Job.class);

	private final JobWorkload workload;

	private final String name;

	private final OnDrain onDrain;

	private @Nullable List<Runnable> stoppingCallbacks;

	private volatile @Nullable Observation observation;

	private volatile @Nullable Future<?> result;

	private volatile @Nullable Runnable cancellation;

	/**
	 * Whether the job ends only with the future that its submitter holds, so that what is
	 * chained to that can still start jobs.
	 */
	private volatile boolean endingWithFuture;

	private volatile @Nullable WorkState outcome;

	Job(JobWorkload workload, String name, OnDrain onDrain) {
		super(workload);
		this.workload = workload;
		this.name = name;
		this.onDrain = onDrain;
	}

	@Override
	public String getName() {
		return this.name;
	}

	OnDrain getOnDrain() {
		return this.onDrain;
	}

	@Override
	public boolean isStopping() {
		return this.workload.isStopping();
	}

	@Override
	public @Nullable Duration remaining() {
		return this.workload.remaining();
	}

	@Override
	public boolean sleep(Duration duration) throws InterruptedException {
		return !this.workload.awaitStopping(duration);
	}

	@Override
	public void onStopping(Runnable callback) {
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
	 * The application has been told to stop.
	 */
	void stopping() {
		takeStoppingCallbacks().forEach(this::call);
	}

	private synchronized List<Runnable> takeStoppingCallbacks() {
		List<Runnable> callbacks = this.stoppingCallbacks;
		this.stoppingCallbacks = null;
		return (callbacks != null && !getState().isOutcome()) ? callbacks : List.of();
	}

	private void call(Runnable callback) {
		try {
			callback.run();
		}
		catch (Throwable ex) {
			logger.warn("The drain goes on: a callback of background job '%s' failed".formatted(this.name), ex);
		}
	}

	/**
	 * Set what the submitter waits for, so that it is cancelled if the job is abandoned.
	 * @param result the result
	 */
	void setResult(Future<?> result) {
		this.result = result;
	}

	boolean isAbandoned() {
		return getState() == WorkState.ABANDONED;
	}

	void cancelResult() {
		Future<?> result = this.result;
		if (result != null) {
			result.cancel(false);
		}
	}

	/**
	 * Set what ends the job early if it has no thread that could be interrupted. It is
	 * also called when the job has been abandoned, and may be called more than once.
	 * @param cancellation ends it early
	 */
	void setCancellation(Runnable cancellation) {
		this.cancellation = cancellation;
	}

	boolean hasCancellation() {
		return this.cancellation != null;
	}

	void callCancellation() {
		Runnable cancellation = this.cancellation;
		if (cancellation != null) {
			call(cancellation);
		}
	}

	void setObservation(Observation observation) {
		this.observation = observation;
	}

	@Nullable Observation getObservation() {
		return this.observation;
	}

	void endsWithFuture() {
		this.endingWithFuture = true;
	}

	void futureCompleted() {
		this.endingWithFuture = false;
		WorkState outcome = this.outcome;
		if (outcome != null) {
			end(outcome);
		}
	}

	/**
	 * The job has done what it had to do.
	 * @param outcome how it ended
	 */
	void complete(WorkState outcome) {
		if (this.endingWithFuture) {
			this.outcome = outcome;
		}
		// Read again: it may have been released before it could see the outcome
		if (!this.endingWithFuture) {
			end(outcome);
		}
	}

	/**
	 * The job has finished with an exception. If the drain had interrupted it, that is
	 * why.
	 * @param ex the exception
	 */
	void fail(Throwable ex) {
		Observation observation = this.observation;
		if (observation != null) {
			observe(() -> observation.error(ex));
		}
		boolean cancelled = isCancelled() || ex instanceof CancellationException;
		complete(cancelled ? WorkState.CANCELLED : WorkState.FAILED);
	}

	@Override
	protected void onEnd(WorkState outcome) {
		super.onEnd(outcome);
		Observation observation = this.observation;
		if (observation != null) {
			observe(() -> observation.lowCardinalityKeyValue("outcome", outcome.lowerCase()).stop());
		}
	}

	private void observe(Runnable event) {
		try {
			event.run();
		}
		catch (RuntimeException ex) {
			logger.warn("Failed to observe the end of background job '%s'".formatted(this.name), ex);
		}
	}

}
