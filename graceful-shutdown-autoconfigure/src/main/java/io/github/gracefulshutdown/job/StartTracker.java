package io.github.gracefulshutdown.job;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Tracks the last part of an application's start as one job: its runners, and its
 * listeners to {@code ApplicationReadyEvent}. For the thread that starts the application.
 *
 * @author The Graceful Shutdown authors
 */
public final class StartTracker implements DisposableBean {

	private final JobWorkload workload;

	private @Nullable StartJob job;

	private @Nullable JobContext outer;

	/**
	 * Create a tracker.
	 * @param workload where the job is tracked
	 */
	public StartTracker(JobWorkload workload) {
		this.workload = workload;
	}

	/**
	 * The job begins on the calling thread. If no code of the application runs in the
	 * rest of the start, there is no job.
	 * @param context the context of the application
	 * @return whether the job has begun, and so must be {@linkplain #end ended}
	 */
	public boolean begin(ConfigurableApplicationContext context) {
		// A runner may start another application, which has this one as its parent
		if (this.job != null || !StartCode.isIn(context)) {
			return false;
		}
		StartJob job = new StartJob(this.workload);
		boolean begun = this.workload.begin(job);
		if (begun) {
			this.job = job;
			this.outer = CurrentJob.get();
			CurrentJob.set(job);
		}
		return begun;
	}

	/**
	 * The job ends, if it has begun.
	 * @param failure the reason why the application does not start, or {@code null}
	 */
	public void end(@Nullable Throwable failure) {
		StartJob job = this.job;
		if (job != null) {
			this.job = null;
			CurrentJob.set(this.outer);
			JobWorkload.end(job, failure);
		}
	}

	/**
	 * Nobody says that the start has ended if its own code closes the context, or if a
	 * listener fails.
	 */
	@Override
	public void destroy() {
		JobContext current = CurrentJob.get();
		if (current != null && current == this.job) {
			end(null);
		}
	}

}
