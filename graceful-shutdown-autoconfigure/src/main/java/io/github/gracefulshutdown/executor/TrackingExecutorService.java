package io.github.gracefulshutdown.executor;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Tracks the tasks of an executor.
 *
 * @author The Graceful Shutdown authors
 */
final class TrackingExecutorService extends AbstractExecutorService {

	private final ExecutorService executor;

	private final String name;

	private final TaskWorkload workload;

	TrackingExecutorService(ExecutorService executor, String name, TaskWorkload workload) {
		this.executor = executor;
		this.name = name;
		this.workload = workload;
	}

	@Override
	public void execute(Runnable task) {
		Runnable tracked = this.workload.track(this.name, task, task);
		try {
			this.executor.execute(tracked);
		}
		catch (RejectedExecutionException ex) {
			if (tracked instanceof Task.TrackedRunnable rejected) {
				rejected.rejected();
			}
			throw ex;
		}
	}

	@Override
	public void shutdown() {
		this.executor.shutdown();
	}

	@Override
	public List<Runnable> shutdownNow() {
		return this.executor.shutdownNow();
	}

	@Override
	public boolean isShutdown() {
		return this.executor.isShutdown();
	}

	@Override
	public boolean isTerminated() {
		return this.executor.isTerminated();
	}

	@Override
	public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
		return this.executor.awaitTermination(timeout, unit);
	}

	@Override
	public String toString() {
		return this.executor.toString();
	}

}
