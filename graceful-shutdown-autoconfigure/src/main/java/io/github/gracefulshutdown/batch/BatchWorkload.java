package io.github.gracefulshutdown.batch;

import java.util.function.LongSupplier;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.WorkloadOrder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.batch.core.job.AbstractJob;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.scope.context.JobSynchronizationManager;
import org.springframework.core.annotation.Order;

/**
 * The executions of Spring Batch jobs in this JVM, on any thread. After the signal they
 * end with the chunk in progress, as STOPPED, and are waited for until the repository
 * knows that. A job that cannot be restarted runs to its own end. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.BATCHES)
public final class BatchWorkload extends TrackedWorkload<BatchExecution> {

	private static final Log logger = LogFactory.getLog(BatchWorkload.class);

	private volatile boolean stopped;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public BatchWorkload(InFlight inFlight, LongSupplier clock) {
		super("batches", inFlight, clock);
	}

	/**
	 * The calling thread begins to execute a job. The context of the execution is
	 * released after the last write to the repository, also if the execution failed.
	 * @param job the job
	 * @param jobExecution the execution
	 */
	void begin(AbstractJob job, JobExecution jobExecution) {
		BatchExecution execution = new BatchExecution(this, job, jobExecution);
		if (tryAdmit(execution)) {
			execution.attach();
			try {
				JobSynchronizationManager.getContext().registerDestructionCallback(getName(), execution::released);
			}
			catch (RuntimeException ex) {
				logger.warn("%s cannot be waited for".formatted(execution.getName()), ex);
				execution.end(WorkState.COMPLETED);
			}
		}
	}

	/**
	 * Return whether no step of an execution should begin any more.
	 * @param jobExecution the execution
	 * @return whether the execution is to stop
	 */
	boolean isStopping(JobExecution jobExecution) {
		if (this.stopped) {
			for (BatchExecution execution : works()) {
				if (execution.is(jobExecution)) {
					return execution.isStoppable();
				}
			}
		}
		return false;
	}

	@Override
	public void stopAccepting() {
		this.stopped = true;
		stop(false);
	}

	@Override
	public void cancel() {
		stop(true);
		super.cancel();
	}

	private void stop(boolean force) {
		BestEffort.forEach(logger, works(), (execution) -> "stopping " + execution.getName(), (execution) -> {
			if (execution.isStoppable()) {
				execution.stop(force);
			}
		});
	}

}
