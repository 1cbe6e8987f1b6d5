package io.github.gracefulshutdown.dbscheduler;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.github.kagkarlsson.scheduler.CurrentlyExecuting;
import com.github.kagkarlsson.scheduler.Scheduler;
import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.ServingStoppedEvent;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.WorkloadOrder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;

/**
 * The executions that schedulers of db-scheduler run in this JVM. None is picked after
 * the signal. Running ones are waited for, and interrupted shortly before the deadline.
 * Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.DB_SCHEDULER)
public final class DbSchedulerWorkload implements ResumableWorkload {

	private static final Log logger = LogFactory.getLog(DbSchedulerWorkload.class);

	private final boolean interrupting;

	private final List<DrainedScheduler> schedulers = new CopyOnWriteArrayList<>();

	/**
	 * Create a workload.
	 * @param interrupting whether executions are interrupted shortly before the deadline
	 */
	public DbSchedulerWorkload(boolean interrupting) {
		this.interrupting = interrupting;
	}

	/**
	 * Wait for the executions of a scheduler.
	 * @param scheduler the scheduler
	 */
	synchronized void add(Scheduler scheduler) {
		if (this.schedulers.stream().noneMatch((known) -> known.is(scheduler))) {
			this.schedulers.add(new DrainedScheduler(scheduler));
		}
	}

	/**
	 * Stop a scheduler whose bean is destroyed, unless the drain has stopped it.
	 * @param scheduler the scheduler
	 */
	void destroy(Scheduler scheduler) {
		this.schedulers.stream().filter((known) -> known.is(scheduler)).forEach(DrainedScheduler::destroy);
	}

	@Override
	public String getName() {
		return "db-scheduler";
	}

	@Override
	public long getInFlight() {
		long inFlight = 0;
		for (DrainedScheduler scheduler : this.schedulers) {
			inFlight += scheduler.getRunning().size();
		}
		return inFlight;
	}

	@Override
	public boolean isIdle() {
		return this.schedulers.stream().allMatch(DrainedScheduler::isIdle);
	}

	@Override
	public void stopAccepting() {
		BestEffort.forEach(logger, this.schedulers, (scheduler) -> "pausing a db-scheduler", DrainedScheduler::pause);
	}

	@Override
	public void resumeAccepting() {
		BestEffort.forEach(logger, this.schedulers, (scheduler) -> "resuming a db-scheduler", DrainedScheduler::resume);
	}

	/**
	 * Stop the schedulers. Not earlier: requests may use their executors, too.
	 * @param event the end of serving
	 */
	@EventListener
	void onServingStopped(ServingStoppedEvent event) {
		BestEffort.forEach(logger, this.schedulers, (scheduler) -> "stopping a db-scheduler", DrainedScheduler::stop);
	}

	@Override
	public void cancel() {
		if (this.interrupting) {
			BestEffort.forEach(logger, this.schedulers, (scheduler) -> "interrupting the executions of a db-scheduler",
					DrainedScheduler::interrupt);
		}
	}

	/**
	 * The schedulers must not wait any longer, either.
	 */
	@Override
	public List<WorkSnapshot> abandon() {
		List<WorkSnapshot> abandoned = describe(Integer.MAX_VALUE);
		cancel();
		return abandoned;
	}

	/**
	 * The oldest come first.
	 */
	@Override
	public List<WorkSnapshot> describe(int limit) {
		return this.schedulers.stream()
			.flatMap((scheduler) -> scheduler.getRunning().stream())
			.map(this::describe)
			.sorted(Comparator.comparing(WorkSnapshot::age).reversed())
			.limit(limit)
			.toList();
	}

	// The clock may have been set back since
	private WorkSnapshot describe(CurrentlyExecuting execution) {
		Duration age = execution.getDuration();
		return new WorkSnapshot(getName(), execution.getTaskInstance().getTaskAndInstance(), WorkState.RUNNING,
				age.isNegative() ? Duration.ZERO : age, null, List.of());
	}

}
