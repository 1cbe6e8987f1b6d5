package io.github.gracefulshutdown.intake;

import org.jspecify.annotations.Nullable;

import org.springframework.context.Lifecycle;

/**
 * Knows a better way to stop and to start a source of work than its own methods.
 *
 * @author The Graceful Shutdown authors
 */
public interface IntakeAdapter {

	/**
	 * Return a lifecycle that the drain stops in place of a source, if the adapter knows
	 * its kind.
	 * @param source the source of work
	 * @return a lifecycle without a state of its own, or {@code null}
	 */
	@Nullable Lifecycle adapt(Lifecycle source);

}
