package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.WorkloadOrder;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationListener;
import org.springframework.core.annotation.Order;

/**
 * The pools whose tasks can only be seen by looking. The last of all workloads: they are
 * looked at when no other work in flight could give them tasks. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.POOLS)
public final class PoolWorkload implements Workload, ApplicationListener<AvailabilityChangeEvent<?>> {

	private static final String COMMON_POOL = "ForkJoinPool.commonPool";

	private final AtomicBoolean ready = new AtomicBoolean();

	private final LongSupplier admitted;

	private final LongSupplier clock;

	private final List<Pool> pools = new CopyOnWriteArrayList<>();

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public PoolWorkload(InFlight inFlight, LongSupplier clock) {
		this.admitted = inFlight::getAdmitted;
		this.clock = clock;
	}

	void add(String name, ThreadPoolExecutor executor) {
		add(executor, () -> new ThreadPool(name, executor, this.admitted, this.clock));
	}

	void add(String name, ForkJoinPool executor) {
		add(executor, () -> new ForkJoin(name, executor, this.admitted, this.clock));
	}

	/**
	 * Look at the pool that runs a {@link CompletableFuture} without an executor.
	 */
	public void addCommonPool() {
		add(COMMON_POOL, ForkJoinPool.commonPool());
	}

	/**
	 * A loop of a library on the common pool must not hold the exit. All other pools
	 * belong to the application.
	 */
	@Override
	public void onApplicationEvent(AvailabilityChangeEvent<?> event) {
		if (event.getState() == ReadinessState.ACCEPTING_TRAFFIC && this.ready.compareAndSet(false, true)) {
			for (Pool pool : this.pools) {
				if (pool instanceof ForkJoin forkJoin && pool.isFor(ForkJoinPool.commonPool())) {
					forkJoin.excuseLoops();
				}
			}
		}
	}

	@Override
	public boolean supportsAsyncExecution() {
		return false;
	}

	/**
	 * Looks for the first time at pools that hide nothing, so that they do not need a
	 * second look later. A task on its way to its thread is hidden by all others: both
	 * looks at these have to come after the work that may submit one.
	 */
	@Override
	public void stopAccepting() {
		this.pools.stream().filter(ForkJoin.class::isInstance).forEach(Pool::isIdle);
	}

	// A pool may be several beans
	private synchronized void add(Executor executor, Supplier<Pool> pool) {
		if (this.pools.stream().noneMatch((known) -> known.isFor(executor))) {
			this.pools.add(pool.get());
		}
	}

	@Override
	public String getName() {
		return "pools";
	}

	@Override
	public long getInFlight() {
		long inFlight = 0;
		for (Pool pool : this.pools) {
			inFlight += pool.getInFlight();
		}
		return inFlight;
	}

	/**
	 * Looks at all of them, since each needs more than one look.
	 */
	@Override
	public boolean isIdle() {
		boolean idle = true;
		for (Pool pool : this.pools) {
			idle &= pool.isIdle();
		}
		return idle;
	}

	@Override
	public List<WorkSnapshot> abandon() {
		return describe(Integer.MAX_VALUE);
	}

	@Override
	public List<WorkSnapshot> describe(int limit) {
		return this.pools.stream().flatMap(this::describe).limit(limit).toList();
	}

	private Stream<WorkSnapshot> describe(Pool pool) {
		int number = (int) Math.min(pool.getInFlight(), Integer.MAX_VALUE);
		return Collections
			.nCopies(number,
					new WorkSnapshot(getName(), pool.getName(), WorkState.RUNNING, Duration.ZERO, null, List.of()))
			.stream();
	}

}
