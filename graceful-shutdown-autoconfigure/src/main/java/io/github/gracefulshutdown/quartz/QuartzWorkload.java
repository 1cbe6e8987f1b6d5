package io.github.gracefulshutdown.quartz;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.WorkloadOrder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;

import org.springframework.core.annotation.Order;

/**
 * The jobs that Quartz schedulers run in this JVM: from the signal on no trigger fires
 * any more, and the jobs that run are waited for by looking. Shortly before the deadline
 * those that are an {@link org.quartz.InterruptableJob} are interrupted. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.QUARTZ)
public final class QuartzWorkload implements ResumableWorkload {

	private static final Log logger = LogFactory.getLog(QuartzWorkload.class);

	private final LongSupplier clock;

	private final InstantSource wallClock;

	private final List<LocalScheduler> schedulers = new CopyOnWriteArrayList<>();

	/**
	 * Create a workload.
	 * @param clock the monotonic clock, in nanoseconds
	 * @param wallClock the clock by which Quartz fires triggers
	 */
	public QuartzWorkload(LongSupplier clock, InstantSource wallClock) {
		this.clock = clock;
		this.wallClock = wallClock;
	}

	/**
	 * Wait for the jobs of a scheduler, unless it is the remote control of one in another
	 * JVM.
	 * @param scheduler the scheduler
	 * @throws SchedulerException if the scheduler does not tell what it is
	 */
	synchronized void add(Scheduler scheduler) throws SchedulerException {
		if (this.schedulers.stream().noneMatch((known) -> known.is(scheduler))
				&& !scheduler.getMetaData().isSchedulerRemote()) {
			this.schedulers.add(LocalScheduler.of(scheduler, this.clock, this.wallClock));
		}
	}

	@Override
	public String getName() {
		return "quartz";
	}

	@Override
	public long getInFlight() {
		long inFlight = 0;
		for (LocalScheduler scheduler : this.schedulers) {
			inFlight += scheduler.getRunning().size();
		}
		return inFlight;
	}

	/**
	 * All are asked, as one look may not be enough.
	 */
	@Override
	public boolean isIdle() {
		boolean idle = true;
		for (LocalScheduler scheduler : this.schedulers) {
			try {
				idle &= scheduler.isIdle();
			}
			catch (SchedulerException ex) {
				throw new IllegalStateException(ex);
			}
		}
		return idle;
	}

	@Override
	public void stopAccepting() {
		for (LocalScheduler scheduler : this.schedulers) {
			try {
				scheduler.standby();
			}
			catch (SchedulerException | RuntimeException ex) {
				logger.warn("The drain goes on: a Quartz scheduler could not be put on standby", ex);
			}
		}
	}

	/**
	 * What was due meanwhile is fired as the misfire instruction of its trigger says.
	 */
	@Override
	public void resumeAccepting() {
		for (LocalScheduler scheduler : this.schedulers) {
			try {
				scheduler.resume();
			}
			catch (SchedulerException | RuntimeException ex) {
				logger.warn("A Quartz scheduler could not be started again", ex);
			}
		}
	}

	@Override
	public void cancel() {
		this.schedulers.forEach(LocalScheduler::interrupt);
	}

	@Override
	public List<WorkSnapshot> abandon() {
		return describe(Integer.MAX_VALUE);
	}

	/**
	 * The oldest come first.
	 */
	@Override
	public List<WorkSnapshot> describe(int limit) {
		Instant now = this.wallClock.instant();
		return this.schedulers.stream()
			.flatMap((scheduler) -> scheduler.getRunning().stream())
			.map((job) -> describe(job, now))
			.sorted(Comparator.comparing(WorkSnapshot::age).reversed())
			.limit(limit)
			.toList();
	}

	// The clock may have been set back since
	private WorkSnapshot describe(JobExecutionContext job, Instant now) {
		Duration age = Duration.between(job.getFireTime().toInstant(), now);
		return new WorkSnapshot(getName(), job.getJobDetail().getKey().toString(), WorkState.RUNNING,
				age.isNegative() ? Duration.ZERO : age, null, List.of());
	}

}
