package io.github.gracefulshutdown.job;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * Background jobs by hand, for what cannot be a {@link BackgroundJob @BackgroundJob}
 * method. To be injected. Thread-safe.
 * <p>
 * While the application drains, new jobs are accepted, because what is in flight may need
 * them. When the drain has ended, they are rejected with {@link JobRejectedException}.
 * Names are values of a meter tag: choose few, without identifiers.
 * <p>
 * For what is reactive there is {@code ReactiveBackgroundJobs}, a type of its own because
 * Reactor is optional.
 *
 * @author The Graceful Shutdown authors
 */
public interface BackgroundJobs {

	/**
	 * Run a task in the background, on the application's task executor.
	 * @param name the name of the job, in logs, meters and reports
	 * @param task the task; if it returns a future, the job is in flight until that is
	 * complete
	 * @param <T> the type of its result
	 * @return completed with the result, or with what the task has thrown, which is also
	 * logged. The job ends when that is done, so what is chained to it can still start
	 * jobs. Cancelling it keeps a task that has not begun from being run.
	 * @throws JobRejectedException if the drain has ended
	 * @throws RejectedExecutionException if the executor rejects the task
	 */
	<T> CompletableFuture<T> start(String name, Callable<T> task);

	/**
	 * Run a task in the background, on the application's task executor.
	 * @param name the name of the job, in logs, meters and reports
	 * @param task the task
	 * @return completed when it has ended, see {@link #start(String, Callable)}
	 * @throws JobRejectedException if the drain has ended
	 * @throws RejectedExecutionException if the executor rejects the task
	 */
	default CompletableFuture<Void> start(String name, Runnable task) {
		return start(name, () -> {
			task.run();
			return null;
		});
	}

	/**
	 * Track a job that is run by something else.
	 * @param name the name of the job, in logs, meters and reports
	 * @return the handle, which has to be closed when the job has ended
	 * @throws JobRejectedException if the drain has ended
	 */
	JobHandle track(String name);

}
