package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.LongSupplier;

/**
 * {@link Pool} for a {@link ThreadPoolExecutor}.
 *
 * @author The Graceful Shutdown authors
 */
final class ThreadPool extends Pool {

	private static final Duration QUIET = Duration.ofMillis(5);

	private final ThreadPoolExecutor executor;

	ThreadPool(String name, ThreadPoolExecutor executor, LongSupplier admitted, LongSupplier clock) {
		super(name, QUIET, admitted, clock);
		this.executor = executor;
	}

	@Override
	boolean isFor(Executor executor) {
		return this.executor == executor;
	}

	@Override
	long getInFlight() {
		return this.executor.getQueue().size() + this.executor.getActiveCount();
	}

	@Override
	boolean hasThreads() {
		return this.executor.getPoolSize() > 0;
	}

	@Override
	long getRun() {
		return this.executor.getCompletedTaskCount();
	}

}
