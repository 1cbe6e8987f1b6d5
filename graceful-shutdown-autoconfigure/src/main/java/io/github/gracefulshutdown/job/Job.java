package io.github.gracefulshutdown.job;

import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

import io.github.gracefulshutdown.SubmittedWork;
import io.github.gracefulshutdown.WorkState;
import io.micrometer.observation.Observation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * One run of a background job.
 *
 * @author The Graceful Shutdown authors
 */
final class Job extends SubmittedWork {

	private static final Log logger = LogFactory.getLog(Job.class);

	private final String name;

	private volatile @Nullable Observation observation;

	/**
	 * Whether the job ends only with the future that its submitter holds, so that what is
	 * chained to that can still start jobs.
	 */
	private volatile boolean held;

	private volatile @Nullable WorkState finished;

	Job(JobWorkload workload, String name) {
		super(workload);
		this.name = name;
	}

	@Override
	public String getName() {
		return this.name;
	}

	void setObservation(Observation observation) {
		this.observation = observation;
	}

	void hold() {
		this.held = true;
	}

	void release() {
		this.held = false;
		WorkState finished = this.finished;
		if (finished != null) {
			end(finished);
		}
	}

	/**
	 * The job has done what it had to do.
	 * @param outcome how it ended
	 */
	void finish(WorkState outcome) {
		this.finished = outcome;
		if (!this.held) {
			end(outcome);
		}
	}

	/**
	 * The job has finished with an exception. If the drain had interrupted it, that is
	 * why.
	 * @param ex the exception
	 */
	void fail(Throwable ex) {
		observe((observation) -> observation.error(ex));
		boolean cancelled = isCancelled() || ex instanceof CancellationException;
		finish(cancelled ? WorkState.CANCELLED : WorkState.FAILED);
	}

	@Override
	protected void ended(WorkState outcome) {
		super.ended(outcome);
		observe((observation) -> observation.lowCardinalityKeyValue("outcome", outcome.lowerCase()).stop());
	}

	private void observe(Consumer<Observation> event) {
		Observation observation = this.observation;
		if (observation != null) {
			try {
				event.accept(observation);
			}
			catch (RuntimeException ex) {
				logger.warn("Failed to observe the end of background job '%s'".formatted(this.name), ex);
			}
		}
	}

}
