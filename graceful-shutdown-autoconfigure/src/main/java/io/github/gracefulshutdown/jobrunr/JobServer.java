package io.github.gracefulshutdown.jobrunr;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import org.jobrunr.jobs.Job;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.JobSteward;

/**
 * A job server that can be kept from picking jobs. Its own pause is of no use for that:
 * it blocks, and interrupts the running jobs after ten seconds. A server only picks as
 * many jobs as it has idle workers, so it picks none while as many workers as it has are
 * said to be occupied. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class JobServer {

	private final BackgroundJobServer server;

	private final JobSteward steward;

	/**
	 * How many workers are said to be occupied without a job.
	 */
	private final AtomicInteger held = new AtomicInteger();

	JobServer(BackgroundJobServer server) {
		this.server = server;
		this.steward = server.getJobSteward();
	}

	boolean is(BackgroundJobServer server) {
		return this.server == server;
	}

	/**
	 * Return the number of workers with a job, until its outcome is stored.
	 * @return the number, too high for a moment while workers are held or released
	 */
	int getOccupied() {
		return Math.max(0, this.steward.getOccupiedWorkerCount() - this.held.get());
	}

	Set<Job> getRunning() {
		return this.steward.getJobsInProgress();
	}

	/**
	 * Return the thread that runs a job.
	 * @param job the job
	 * @return the thread, unless the job has ended
	 */
	Optional<Thread> getThread(Job job) {
		return Optional.ofNullable(this.steward.getThreadProcessingJob(job));
	}

	/**
	 * Pick no job any more.
	 */
	synchronized void hold() {
		int workers = this.server.getWorkDistributionStrategy().getWorkerCount();
		while (this.held.get() < workers) {
			this.steward.notifyThreadOccupied();
			this.held.incrementAndGet();
		}
	}

	/**
	 * Pick jobs again, unless the application has paused the server.
	 */
	synchronized void release() {
		while (this.held.get() > 0) {
			this.held.decrementAndGet();
			try {
				this.steward.notifyThreadIdle();
			}
			catch (RuntimeException ex) {
				// The worker is idle, but its look for jobs has failed: the server looks
				// again
			}
		}
	}

	/**
	 * Interrupt the running jobs, as the server does when it stops.
	 */
	void interrupt() {
		getRunning().forEach((job) -> getThread(job).ifPresent(Thread::interrupt));
	}

}
