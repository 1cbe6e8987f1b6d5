package io.github.gracefulshutdown.executor;

import java.util.function.LongSupplier;

import io.github.gracefulshutdown.tracking.DroppedTickets;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.WorkloadOrder;

import org.springframework.core.annotation.Order;

/**
 * The tasks of executors, tracked one by one.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.TASKS)
public final class TaskWorkload extends ExecutorWorkload {

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param tickets finds tasks that were dropped
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public TaskWorkload(InFlight inFlight, DroppedTickets tickets, LongSupplier clock) {
		super("tasks", inFlight, tickets, clock);
	}

}
