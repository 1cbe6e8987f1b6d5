package io.github.gracefulshutdown.job;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.InFlight;
import io.github.gracefulshutdown.SubmittedWorkload;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * The background jobs in flight. New jobs are accepted until the drain has ended.
 *
 * @author The Graceful Shutdown authors
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
public final class JobWorkload extends SubmittedWorkload<Job> {

	private static final int LEAST_FUTURES = 64;

	private final Map<Job, Future<?>> futures = new ConcurrentHashMap<>();

	private volatile int mostFutures = LEAST_FUTURES;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public JobWorkload(InFlight inFlight, LongSupplier clock) {
		super("jobs", inFlight, clock);
	}

	/**
	 * Accept a job that has not begun.
	 * @param name the name of the job
	 * @return the job
	 * @throws JobRejectedException if the drain has ended
	 */
	Job accept(String name) {
		lookForDropped();
		Job job = new Job(this, name);
		if (!admit(job)) {
			throw new JobRejectedException(name);
		}
		return job;
	}

	/**
	 * Issue the ticket with which a job goes through an executor. When nobody holds the
	 * ticket any more and the job has not begun, it is cancelled.
	 * @param job the job
	 * @return the ticket
	 */
	JobTicket issueTicket(Job job) {
		JobTicket ticket = new JobTicket(job);
		issueTicket(job, ticket);
		return ticket;
	}

	/**
	 * The method of a job has returned: the job has ended, or will end with the future
	 * that the method returned.
	 * @param job the job
	 * @param result what the method returned
	 */
	void returned(Job job, @Nullable Object result) {
		if (result instanceof CompletionStage<?> stage) {
			job.await();
			stage.whenComplete((value, ex) -> end(job, ex));
		}
		else if (result instanceof Future<?> future) {
			if (future.isDone()) {
				end(job, future);
			}
			else {
				job.await();
				this.futures.put(job, future);
				if (this.futures.size() > this.mostFutures) {
					lookForEnded();
					this.mostFutures = Math.max(LEAST_FUTURES, 2 * this.futures.size());
				}
			}
		}
		else {
			job.finish(WorkState.COMPLETED);
		}
	}

	private static void end(Job job, Future<?> done) {
		try {
			done.get();
			job.finish(WorkState.COMPLETED);
		}
		catch (CancellationException ex) {
			job.fail(ex);
		}
		catch (ExecutionException ex) {
			end(job, ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			job.fail(ex);
		}
	}

	private static void end(Job job, @Nullable Throwable ex) {
		if (ex == null) {
			job.finish(WorkState.COMPLETED);
		}
		else {
			job.fail((ex instanceof CompletionException && ex.getCause() != null) ? ex.getCause() : ex);
		}
	}

	@Override
	public long getInFlight() {
		lookForEnded();
		return super.getInFlight();
	}

	@Override
	public List<WorkSnapshot> abandon() {
		lookForEnded();
		return super.abandon();
	}

	/**
	 * Look for jobs whose end nothing has told us.
	 */
	private void lookForEnded() {
		this.futures.forEach((job, future) -> {
			if (future.isDone()) {
				this.futures.remove(job);
				end(job, future);
			}
		});
		lookForDropped();
	}

}
