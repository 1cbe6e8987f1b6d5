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
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.WorkloadOrder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;

import org.springframework.core.annotation.Order;

/**
 * The jobs that Quartz schedulers run in this JVM. No trigger fires after the signal, and
 * running jobs are waited for by looking. An {@link org.quartz.InterruptableJob} is
 * interrupted shortly before the deadline. Thread-safe.
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
	 * @throws SchedulerException if the scheduler does not describe itself
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
	 * Looks at all of them, since each may need more than one look.
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
		BestEffort.forEach(logger, this.schedulers, (scheduler) -> "putting a Quartz scheduler on standby",
				LocalScheduler::standby);
	}

	/**
	 * The misfire instruction of a trigger decides about the runs that it has missed.
	 */
	@Override
	public void resumeAccepting() {
		BestEffort.forEach(logger, this.schedulers, (scheduler) -> "starting a Quartz scheduler again",
				LocalScheduler::resume);
	}

	@Override
	public void cancel() {
		BestEffort.forEach(logger, this.schedulers, (scheduler) -> "interrupting the jobs of a Quartz scheduler",
				LocalScheduler::interrupt);
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
