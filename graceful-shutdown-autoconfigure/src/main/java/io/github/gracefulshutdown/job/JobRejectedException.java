package io.github.gracefulshutdown.job;

import java.util.concurrent.RejectedExecutionException;

/**
 * Thrown to the caller of a {@link BackgroundJob} method when the drain has ended,
 * because nothing would wait for the job. The job has not begun.
 *
 * @author The Graceful Shutdown authors
 */
@SuppressWarnings("serial")
public final class JobRejectedException extends RejectedExecutionException {

	private final String jobName;

	JobRejectedException(String jobName) {
		super("Background job '%s' was rejected because the application has been shut down".formatted(jobName));
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
