package io.github.gracefulshutdown.intake;

import org.springframework.context.Lifecycle;

/**
 * Prepares a lifecycle for being stopped by the drain.
 *
 * @author The Graceful Shutdown authors
 */
public interface IntakePreparer {

	/**
	 * Prepare a lifecycle for being stopped, if the preparer knows its kind. Called on a
	 * thread of the drain.
	 * @param lifecycle the lifecycle
	 */
	void prepare(Lifecycle lifecycle);

}
