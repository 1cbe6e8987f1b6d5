package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;

/**
 * The pools whose tasks can only be seen by looking. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class Pools {

	private final String workload;

	private final LongSupplier clock;

	private final List<Pool> all = new CopyOnWriteArrayList<>();

	Pools(String workload, LongSupplier clock) {
		this.workload = workload;
		this.clock = clock;
	}

	void add(String name, ThreadPoolExecutor executor) {
		this.all.add(new ThreadPool(name, executor, this.clock));
	}

	void add(String name, ForkJoinPool executor) {
		this.all.add(new ForkJoin(name, executor, this.clock));
	}

	long getInFlight() {
		return this.all.stream().mapToLong(Pool::getInFlight).sum();
	}

	/**
	 * Return whether nothing is in flight. All are asked, as one look is not enough.
	 * @return whether all pools are idle
	 */
	boolean isIdle() {
		boolean idle = true;
		for (Pool pool : this.all) {
			idle &= pool.isIdle();
		}
		return idle;
	}

	List<WorkSnapshot> describe(int limit) {
		return this.all.stream().flatMap(this::describe).limit(Math.max(0, limit)).toList();
	}

	private Stream<WorkSnapshot> describe(Pool pool) {
		int number = (int) Math.min(pool.getInFlight(), Integer.MAX_VALUE);
		return Collections
			.nCopies(number,
					new WorkSnapshot(this.workload, pool.getName(), WorkState.RUNNING, Duration.ZERO, null, List.of()))
			.stream();
	}

}
