package io.github.gracefulshutdown.executor;

import java.util.concurrent.Executor;

import org.springframework.core.task.VirtualThreadTaskExecutor;

/**
 * Takes the place of an executor of virtual threads, which beans may know by its class,
 * and tracks its tasks. Threads by its factory are not named and not tracked.
 *
 * @author The Graceful Shutdown authors
 */
final class TrackedVirtualThreads extends VirtualThreadTaskExecutor {

	private final Executor tracking;

	TrackedVirtualThreads(VirtualThreadTaskExecutor executor, String name, ExecutorWorkload workload) {
		this.tracking = (Executor) TrackingProxy.create(executor, name, workload);
	}

	@Override
	public void execute(Runnable task) {
		this.tracking.execute(task);
	}

}
