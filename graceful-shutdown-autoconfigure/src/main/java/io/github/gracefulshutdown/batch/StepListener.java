package io.github.gracefulshutdown.batch;

import java.util.function.Supplier;

import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.core.Ordered;

/**
 * Ends each step that begins after the signal, before it has done anything.
 *
 * @param workload where executions are tracked
 * @author The Graceful Shutdown authors
 */
record StepListener(Supplier<BatchWorkload> workload) implements StepExecutionListener, Ordered {

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public void beforeStep(StepExecution stepExecution) {
		if (this.workload.get().isStopping(stepExecution.getJobExecution())) {
			stepExecution.setTerminateOnly();
		}
	}

}
