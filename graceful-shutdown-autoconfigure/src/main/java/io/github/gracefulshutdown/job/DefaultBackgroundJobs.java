package io.github.gracefulshutdown.job;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.TrackedSubmission;
import io.micrometer.observation.ObservationRegistry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Default {@link BackgroundJobs}.
 *
 * @author The Graceful Shutdown authors
 */
public final class DefaultBackgroundJobs implements BackgroundJobs {

	private static final Log logger = LogFactory.getLog(BackgroundJobs.class);

	private final JobWorkload workload;

	private final Supplier<Executor> executor;

	private final JobObservations observations;

	/**
	 * Create background jobs.
	 * @param workload where jobs are tracked
	 * @param executor runs the jobs, resolved when the first is started
	 * @param observations where jobs are observed, resolved when the first begins
	 */
	public DefaultBackgroundJobs(JobWorkload workload, Supplier<Executor> executor,
			Supplier<ObservationRegistry> observations) {
		this.workload = workload;
		this.executor = executor;
		this.observations = new JobObservations(observations);
	}

	@Override
	public <T> CompletableFuture<T> start(String name, Callable<T> task) {
		Job job = this.workload.accept(name, OnDrain.FINISH);
		job.endsWithFuture();
		CompletableFuture<T> result = new CompletableFuture<>();
		job.setResult(result);
		JobTicket ticket = this.workload.issueTicket(job);
		try {
			TrackedSubmission.during(() -> {
				this.executor.get().execute(() -> run(ticket, task, result));
				return null;
			});
		}
		catch (RejectedExecutionException ex) {
			job.end(WorkState.REJECTED);
			throw ex;
		}
		catch (Throwable ex) {
			job.end(WorkState.FAILED);
			throw ex;
		}
		result.whenComplete((value, ex) -> {
			// The holder of the future may have completed it before the job began
			job.discard(WorkState.CANCELLED);
			job.futureCompleted();
		});
		return result;
	}

	private <T> void run(JobTicket ticket, Callable<T> task, CompletableFuture<T> result) {
		TrackedSubmission.end();
		Job job = ticket.job();
		if (!job.attach()) {
			result.cancel(false);
			return;
		}
		JobContext outer = CurrentJob.get();
		CurrentJob.set(job);
		try (JobObservations.Scope scope = this.observations.open(job)) {
			T value = task.call();
			this.workload.returned(job, value);
			result.complete(value);
		}
		catch (Throwable ex) {
			logger.warn("Background job '%s' has failed".formatted(job.getName()), ex);
			job.fail(ex);
			result.completeExceptionally(ex);
		}
		finally {
			CurrentJob.set(outer);
		}
	}

	@Override
	public JobHandle track(String name) {
		Job job = this.workload.accept(name, OnDrain.FINISH);
		if (!job.beginDetached()) {
			throw new JobRejectedException(name);
		}
		this.observations.start(job);
		return new TrackedJob(job);
	}

	/**
	 * Lets its holder end a job.
	 *
	 * @param job the job
	 */
	private record TrackedJob(Job job) implements JobHandle {

		@Override
		public JobContext context() {
			return this.job;
		}

		@Override
		public void fail(Throwable ex) {
			this.job.fail(ex);
		}

		@Override
		public void close() {
			this.job.complete(WorkState.COMPLETED);
		}

	}

}
