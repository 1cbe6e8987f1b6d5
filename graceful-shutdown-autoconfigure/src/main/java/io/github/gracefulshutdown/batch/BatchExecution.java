package io.github.gracefulshutdown.batch;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.Work;

import org.springframework.batch.core.job.AbstractJob;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.scope.context.StepSynchronizationManager;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.tasklet.StoppableTasklet;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.core.step.tasklet.TaskletStep;

/**
 * One execution of a job in this JVM. It is stopped through the objects on which it
 * works, and writes its own end to the repository.
 * <p>
 * The {@code JobOperator} would write to the same rows from another thread. In about one
 * of ten cases the step then fails, because the version of its row is wrong or its
 * step-scoped reader was closed under way. The step may even be left as UNKNOWN, which
 * cannot be restarted.
 *
 * @author The Graceful Shutdown authors
 */
final class BatchExecution extends Work {

	/**
	 * The tasklet of chunks in Spring Batch 5's model. Remove it together with that
	 * model.
	 */
	private static final String CHUNK_TASKLET = "ChunkOrientedTasklet";

	private final AbstractJob job;

	private final JobExecution execution;

	private final Thread thread = Thread.currentThread();

	BatchExecution(BatchWorkload workload, AbstractJob job, JobExecution execution) {
		super(workload);
		this.job = job;
		this.execution = execution;
	}

	@Override
	public String getName() {
		return "%s, execution %d".formatted(this.job.getName(), this.execution.getId());
	}

	boolean is(JobExecution execution) {
		return this.execution == execution;
	}

	/**
	 * Return whether the job can be restarted.
	 * @return whether the execution may be stopped
	 */
	boolean isStoppable() {
		return this.job.isRestartable();
	}

	/**
	 * Stop after the chunks that are running.
	 * @param force whether to stop after a tasklet in its first run, too; it may have
	 * done all its work by then, and a restart will run it again
	 */
	void stop(boolean force) {
		for (StepExecution step : this.execution.getStepExecutions()) {
			if (step.getStatus().isRunning() && (stopTasklet(step) || force)) {
				step.setTerminateOnly();
			}
		}
	}

	private boolean stopTasklet(StepExecution stepExecution) {
		Step step = this.job.getStep(stepExecution.getStepName());
		if (!(step instanceof TaskletStep taskletStep)) {
			return true;
		}
		Tasklet tasklet = taskletStep.getTasklet();
		if (tasklet instanceof StoppableTasklet stoppable) {
			stop(stoppable, stepExecution);
			return true;
		}
		return stepExecution.getCommitCount() > 0 || tasklet.getClass().getSimpleName().equals(CHUNK_TASKLET);
	}

	// The tasklet may be the proxy of a step-scoped one
	private static void stop(StoppableTasklet tasklet, StepExecution stepExecution) {
		StepSynchronizationManager.register(stepExecution);
		try {
			tasklet.stop(stepExecution);
		}
		finally {
			StepSynchronizationManager.close();
		}
	}

	/**
	 * The last update has been written to the repository, or could not be.
	 */
	void released() {
		// Another thread may release the context of an execution with the same id
		if (Thread.currentThread() == this.thread) {
			end(switch (this.execution.getStatus()) {
				case COMPLETED -> WorkState.COMPLETED;
				case STOPPING, STOPPED -> WorkState.CANCELLED;
				default -> WorkState.FAILED;
			});
		}
	}

}
