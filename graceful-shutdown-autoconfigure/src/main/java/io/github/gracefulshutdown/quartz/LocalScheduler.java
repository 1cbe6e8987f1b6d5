package io.github.gracefulshutdown.quartz;

import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.quartz.InterruptableJob;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerKey;
import org.quartz.impl.matchers.GroupMatcher;

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
	 * Quartz fires what is due within 7 ms, or 70 ms from a database, and processors may
	 * be busy.
	 */
	private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	/**
	 * A trigger that is due this soon, or has been fired not longer ago, may be the one
	 * that is being fired.
	 */
	private static final long NEAR_MILLIS = 1000;

	private final Scheduler scheduler;

	private final LongSupplier clock;

	private final InstantSource wallClock;

	private final boolean persistent;

	private boolean onStandby;

	private boolean firing;

	private long idleSinceNanos;

	private int begun;

	private LocalScheduler(Scheduler scheduler, LongSupplier clock, InstantSource wallClock, boolean persistent) {
		this.scheduler = scheduler;
		this.clock = clock;
		this.wallClock = wallClock;
		this.persistent = persistent;
	}

	/**
	 * Create a local scheduler.
	 * @param scheduler the scheduler, which runs jobs in this JVM
	 * @param clock the monotonic clock, in nanoseconds
	 * @param wallClock the clock by which triggers are due
	 * @return the local scheduler
	 * @throws SchedulerException if the scheduler does not tell what it is
	 */
	static LocalScheduler of(Scheduler scheduler, LongSupplier clock, InstantSource wallClock)
			throws SchedulerException {
		return new LocalScheduler(scheduler, clock, wallClock, scheduler.getMetaData().isJobStoreSupportsPersistence());
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
			this.onStandby = true;
			this.firing = true;
			this.begun = getBegun();
			this.idleSinceNanos = this.clock.getAsLong();
			this.firing = this.persistent || hasTriggerThatIsNear();
		}
	}

	/**
	 * Fire triggers again, unless something else had put the scheduler on standby.
	 * @throws SchedulerException if the scheduler fails
	 */
	synchronized void resume() throws SchedulerException {
		if (this.onStandby && !this.scheduler.isShutdown()) {
			this.onStandby = false;
			this.firing = false;
			this.scheduler.start();
		}
	}

	// Not asked of a database
	private boolean hasTriggerThatIsNear() throws SchedulerException {
		long now = this.wallClock.millis();
		for (TriggerKey key : this.scheduler.getTriggerKeys(GroupMatcher.anyTriggerGroup())) {
			Trigger trigger = this.scheduler.getTrigger(key);
			if (trigger != null
					&& (isNear(trigger.getNextFireTime(), now) || isNear(trigger.getPreviousFireTime(), now))) {
				return true;
			}
		}
		return false;
	}

	private static boolean isNear(@Nullable Date time, long nowMillis) {
		return time != null && Math.abs(time.getTime() - nowMillis) <= NEAR_MILLIS;
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
		return this.clock.getAsLong() - this.idleSinceNanos >= SETTLED_NANOS;
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
