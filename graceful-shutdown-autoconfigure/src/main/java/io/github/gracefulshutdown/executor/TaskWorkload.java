package io.github.gracefulshutdown.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.InFlight;
import io.github.gracefulshutdown.WorkSnapshot;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * The tasks of executors: tracked one by one where a task can be wrapped when it is
 * submitted, and otherwise those that a look at the executor shows.
 *
 * @author The Graceful Shutdown authors
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
public final class TaskWorkload extends ExecutorWorkload {

	private final Pools pools;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public TaskWorkload(InFlight inFlight, LongSupplier clock) {
		super("tasks", inFlight, clock);
		this.pools = new Pools("tasks", clock);
	}

	Pools pools() {
		return this.pools;
	}

	@Override
	public long getInFlight() {
		return super.getInFlight() + this.pools.getInFlight();
	}

	@Override
	public boolean isIdle() {
		boolean idle = super.isIdle();
		return this.pools.isIdle() && idle;
	}

	@Override
	public List<WorkSnapshot> abandon() {
		List<WorkSnapshot> abandoned = new ArrayList<>(super.abandon());
		abandoned.addAll(this.pools.describe(Integer.MAX_VALUE));
		return abandoned;
	}

	@Override
	public List<WorkSnapshot> describe(int limit) {
		List<WorkSnapshot> described = new ArrayList<>(super.describe(limit));
		described.addAll(this.pools.describe(limit - described.size()));
		return described;
	}

}
