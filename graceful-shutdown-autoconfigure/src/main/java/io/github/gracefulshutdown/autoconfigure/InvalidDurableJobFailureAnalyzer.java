package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.durable.InvalidDurableJobException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains why an application does not start whose durable jobs cannot work.
 *
 * @author The Graceful Shutdown authors
 */
final class InvalidDurableJobFailureAnalyzer extends AbstractFailureAnalyzer<InvalidDurableJobException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidDurableJobException cause) {
		return new FailureAnalysis(cause.getMessage(), cause.getAction(), cause);
	}

}
