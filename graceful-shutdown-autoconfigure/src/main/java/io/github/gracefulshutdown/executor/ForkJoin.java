package io.github.gracefulshutdown.executor;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.LongSupplier;

/**
 * {@link Pool} for a {@link ForkJoinPool}.
 *
 * @author The Graceful Shutdown authors
 */
final class ForkJoin extends Pool {

	private final ForkJoinPool executor;

	ForkJoin(String name, ForkJoinPool executor, LongSupplier admitted, LongSupplier clock) {
		super(name, admitted, clock);
		this.executor = executor;
	}

	@Override
	boolean isFor(Executor executor) {
		return this.executor == executor;
	}

	@Override
	long getInFlight() {
		long seen = this.executor.getQueuedTaskCount() + this.executor.getQueuedSubmissionCount()
				+ Math.max(0, this.executor.getActiveThreadCount());
		return this.executor.isQuiescent() ? 0 : Math.max(1, seen);
	}

	@Override
	boolean hasThreads() {
		return this.executor.getPoolSize() > 0;
	}

	@Override
	long getRun() {
		return this.executor.getStealCount();
	}

}
