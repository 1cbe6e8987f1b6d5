package io.github.gracefulshutdown.quartz;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.quartz.InterruptableJob;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;

/**
 * A scheduler that runs jobs in this JVM. On standby it still fires a trigger that is due
 * within milliseconds, and what it has fired, or has to note in its store after a job, is
 * seen nowhere. So it is idle when it has looked idle for as long as that may take.
 * Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class LocalScheduler {

	private static final Log logger = LogFactory.getLog(LocalScheduler.class);

	/**
	 * Quartz fires what is due within 7 ms.
	 */
	private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

	/**
	 * Quartz fires what is due within 70 ms, and writes to the database after each job.
	 */
	private static final long PERSISTENT_SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private final Scheduler scheduler;

	private final LongSupplier clock;

	private final long settledNanos;

	private boolean firing;

	private long idleSinceNanos;

	private int begun;

	private LocalScheduler(Scheduler scheduler, LongSupplier clock, boolean persistent) {
		this.scheduler = scheduler;
		this.clock = clock;
		this.settledNanos = persistent ? PERSISTENT_SETTLED_NANOS : SETTLED_NANOS;
	}

	/**
	 * Create a local scheduler.
	 * @param scheduler the scheduler, which runs jobs in this JVM
	 * @param clock the monotonic clock, in nanoseconds
	 * @return the local scheduler
	 * @throws SchedulerException if the scheduler does not tell what it is
	 */
	static LocalScheduler of(Scheduler scheduler, LongSupplier clock) throws SchedulerException {
		return new LocalScheduler(scheduler, clock, scheduler.getMetaData().isJobStoreSupportsPersistence());
	}

	boolean is(Scheduler scheduler) {
		return this.scheduler == scheduler;
	}

	/**
	 * Return the jobs that are running in this JVM, also of a clustered scheduler.
	 * @return the jobs
	 */
	List<JobExecutionContext> getRunning() {
		try {
			return this.scheduler.getCurrentlyExecutingJobs();
		}
		catch (SchedulerException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Fire no trigger any more.
	 * @throws SchedulerException if the scheduler fails
	 */
	synchronized void standby() throws SchedulerException {
		if (this.scheduler.isStarted() && !this.scheduler.isInStandbyMode() && !this.scheduler.isShutdown()) {
			this.scheduler.standby();
			this.firing = true;
			this.begun = getBegun();
			this.idleSinceNanos = this.clock.getAsLong();
		}
	}

	synchronized boolean isIdle() throws SchedulerException {
		boolean idle = getRunning().isEmpty();
		if (!this.firing) {
			return idle;
		}
		int begun = getBegun();
		if (!idle || begun != this.begun) {
			this.begun = begun;
			this.idleSinceNanos = this.clock.getAsLong();
			return false;
		}
		return this.clock.getAsLong() - this.idleSinceNanos >= this.settledNanos;
	}

	/**
	 * Interrupt the jobs that can be interrupted.
	 */
	void interrupt() {
		for (JobExecutionContext job : getRunning()) {
			if (job.getJobInstance() instanceof InterruptableJob) {
				try {
					this.scheduler.interrupt(job.getFireInstanceId());
				}
				catch (SchedulerException | RuntimeException ex) {
					logger.warn(
							"The drain goes on: job %s could not be interrupted".formatted(job.getJobDetail().getKey()),
							ex);
				}
			}
		}
	}

	private int getBegun() throws SchedulerException {
		return this.scheduler.getMetaData().getNumberOfJobsExecuted();
	}

}
