package io.github.gracefulshutdown.job;

import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

import io.github.gracefulshutdown.Work;
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
final class Job extends Work {

	private static final Log logger = LogFactory.getLog(Job.class);

	private final String name;

	private volatile @Nullable Observation observation;

	/**
	 * Kept so that it can be enqueued when its ticket is gone.
	 */
	@SuppressWarnings("unused")
	private volatile JobTicket.@Nullable Trace trace;

	Job(JobWorkload workload, String name) {
		super(workload);
		this.name = name;
	}

	@Override
	public String getName() {
		return this.name;
	}

	void setTrace(JobTicket.Trace trace) {
		this.trace = trace;
	}

	void setObservation(Observation observation) {
		this.observation = observation;
	}

	/**
	 * The job has ended with an exception. If the drain had interrupted it, that is why.
	 * @param ex the exception
	 */
	void fail(Throwable ex) {
		observe((observation) -> observation.error(ex));
		boolean cancelled = isCancelled() || ex instanceof CancellationException;
		end(cancelled ? WorkState.CANCELLED : WorkState.FAILED);
	}

	@Override
	protected void ended(WorkState outcome) {
		this.trace = null;
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
