package io.github.gracefulshutdown.durable;

import java.util.concurrent.Executor;

import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * The threads on which durable jobs run. They are not beans, so the drain counts the jobs
 * and not their tasks.
 *
 * @author The Graceful Shutdown authors
 */
final class WorkerThreads {

	private WorkerThreads() {
	}

	// One thread for each job: a thread that is interrupted too late does no other job
	static Executor create(DurableSettings settings) {
		SimpleAsyncTaskExecutor workers = new SimpleAsyncTaskExecutor("durable-");
		workers.setVirtualThreads(settings.virtual());
		workers.setDaemon(true);
		return workers;
	}

}
