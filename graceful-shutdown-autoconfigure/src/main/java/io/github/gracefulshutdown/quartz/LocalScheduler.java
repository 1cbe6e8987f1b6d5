package io.github.gracefulshutdown.quartz;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.Settling;
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
 * within milliseconds. A trigger being fired, or a job store update, cannot be observed,
 * so the scheduler is idle when it has {@linkplain Settling settled}. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class LocalScheduler {

	private static final Log logger = LogFactory.getLog(LocalScheduler.class);

	/**
	 * Quartz fires triggers that are due within 7 ms, or 70 ms from a database, and
	 * processors may be busy.
	 */
	private static final Duration QUIET = Duration.ofMillis(100);

	/**
	 * A trigger that is due this soon, or was fired this recently, may be being fired.
	 */
	private static final long NEAR_MILLIS = 1000;

	private final Scheduler scheduler;

	private final LongSupplier clock;

	private final InstantSource wallClock;

	private final boolean persistent;

	private boolean onStandby;

	/**
	 * Present while a trigger may be being fired.
	 */
	private @Nullable Settling firing;

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
	 * @throws SchedulerException if the scheduler does not describe itself
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
			Settling firing = new Settling(QUIET, this.clock);
			this.firing = firing;
			look(firing);
			if (!this.persistent && !hasTriggerThatIsNear()) {
				this.firing = null;
			}
		}
	}

	/**
	 * Fire triggers again, unless something else had put the scheduler on standby.
	 * @throws SchedulerException if the scheduler fails
	 */
	synchronized void resume() throws SchedulerException {
		if (this.onStandby && !this.scheduler.isShutdown()) {
			this.onStandby = false;
			this.firing = null;
			this.scheduler.start();
		}
	}

	// Not called for a database
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
		return (this.firing != null) ? look(this.firing) : getRunning().isEmpty();
	}

	private boolean look(Settling firing) throws SchedulerException {
		return firing.look(getRunning().isEmpty(), this.scheduler.getMetaData().getNumberOfJobsExecuted());
	}

	/**
	 * Interrupt the jobs that can be interrupted.
	 */
	void interrupt() {
		List<JobExecutionContext> interruptible = getRunning().stream()
			.filter((job) -> job.getJobInstance() instanceof InterruptableJob)
			.toList();
		BestEffort.forEach(logger, interruptible, (job) -> "interrupting job %s".formatted(job.getJobDetail().getKey()),
				(job) -> this.scheduler.interrupt(job.getFireInstanceId()));
	}

}
