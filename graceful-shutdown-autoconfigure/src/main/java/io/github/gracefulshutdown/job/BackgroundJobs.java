package io.github.gracefulshutdown.job;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * Starts or tracks background jobs that are not {@link BackgroundJob @BackgroundJob}
 * methods. Applications inject it. Thread-safe.
 * <p>
 * While the application drains, new jobs are accepted, because work in flight may need
 * them. When the drain has ended, they are rejected with {@link JobRejectedException}.
 * Names are values of a meter tag: use few names, without identifiers. From the 1,000th
 * name on, meters show the job as {@code other}, and a warning says so once. The log
 * shows a name as one line of at most 200 characters.
 * <p>
 * Jobs run on the bean of type {@link java.util.concurrent.Executor} that is named
 * {@code backgroundJobExecutor}. Without it they run on Boot's
 * {@code applicationTaskExecutor}, else on the bean named {@code taskExecutor}, else on
 * the only {@link org.springframework.core.task.TaskExecutor}, else each on a new thread.
 * <p>
 * {@code ReactiveBackgroundJobs} tracks reactive jobs. It is a separate type because
 * Reactor is optional.
 *
 * @author The Graceful Shutdown authors
 */
public interface BackgroundJobs {

	/**
	 * Run a task in the background.
	 * @param name the name of the job, in logs, meters and reports
	 * @param task the task; if it returns a future, the job is in flight until that
	 * future is complete
	 * @param <T> the type of the result
	 * @return a future that completes with the result or the exception of the task. An
	 * exception is also logged. The job ends after the future is complete, so its
	 * dependent actions can still start jobs. Cancelling the future prevents the task
	 * from beginning.
	 * @throws JobRejectedException if the drain has ended
	 * @throws RejectedExecutionException if the executor rejects the task
	 */
	<T> CompletableFuture<T> start(String name, Callable<T> task);

	/**
	 * Run a task in the background.
	 * @param name the name of the job, in logs, meters and reports
	 * @param task the task
	 * @return a future that completes when the task has ended, see
	 * {@link #start(String, Callable)}
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
	 * Track a job that runs elsewhere, such as in a callback of another library.
	 * @param name the name of the job, in logs, meters and reports
	 * @return the handle, which must be closed when the job has ended
	 * @throws JobRejectedException if the drain has ended
	 */
	JobHandle track(String name);

}
