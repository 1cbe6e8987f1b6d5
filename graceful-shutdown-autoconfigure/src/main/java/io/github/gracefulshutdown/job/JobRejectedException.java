package io.github.gracefulshutdown.job;

import java.util.concurrent.RejectedExecutionException;

/**
 * Thrown to the submitter of a background job when the drain has ended, because nothing
 * would wait for the job. The job has not begun. The right place for the last jobs of an
 * application is a listener to {@link io.github.gracefulshutdown.ServingStoppedEvent
 * ServingStoppedEvent}.
 * <p>
 * A {@link BackgroundJob} method that runs in the calling thread, or that is submitted by
 * a thread which does not close the application, throws this exception only if the drain
 * has reached its deadline.
 *
 * @author The Graceful Shutdown authors
 */
@SuppressWarnings("serial")
public final class JobRejectedException extends RejectedExecutionException {

	private final String jobName;

	JobRejectedException(String jobName) {
		super(("Background job '%s' was rejected because the drain has ended, and nothing would wait for it."
				+ " Start the last jobs at ServingStoppedEvent")
			.formatted(jobName));
		this.jobName = jobName;
	}

	/**
	 * Return the name of the job.
	 * @return the name
	 */
	public String getJobName() {
		return this.jobName;
	}

}
