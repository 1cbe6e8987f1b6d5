package io.github.gracefulshutdown.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains why an application does not start whose workloads have no names of their own.
 *
 * @author The Graceful Shutdown authors
 */
final class InvalidWorkloadNameFailureAnalyzer extends AbstractFailureAnalyzer<InvalidWorkloadNameException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidWorkloadNameException cause) {
		return new FailureAnalysis(cause.getMessage(),
				"Let getName() of the workload return a short word in the plural that no other workload has.", cause);
	}

}
