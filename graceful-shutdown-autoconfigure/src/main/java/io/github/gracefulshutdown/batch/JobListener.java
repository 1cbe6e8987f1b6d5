package io.github.gracefulshutdown.batch;

import java.util.function.Supplier;

import org.springframework.batch.core.job.AbstractJob;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.listener.JobExecutionListener;
import org.springframework.core.Ordered;

/**
 * Tracks each execution of a job from its beginning, before all other listeners.
 *
 * @param workload where executions are tracked
 * @param job the job
 * @author The Graceful Shutdown authors
 */
record JobListener(Supplier<BatchWorkload> workload, AbstractJob job) implements JobExecutionListener, Ordered {

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public void beforeJob(JobExecution jobExecution) {
		this.workload.get().begin(this.job, jobExecution);
	}

}
