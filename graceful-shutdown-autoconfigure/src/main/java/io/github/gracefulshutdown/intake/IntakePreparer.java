package io.github.gracefulshutdown.intake;

import org.springframework.context.SmartLifecycle;

/**
 * Knows what a certain lifecycle has to be told before the drain stops it.
 *
 * @author The Graceful Shutdown authors
 */
public interface IntakePreparer {

	/**
	 * Prepare a lifecycle for being stopped, if it is of the kind that is known. Called
	 * on a thread of the drain.
	 * @param lifecycle the lifecycle
	 */
	void prepare(SmartLifecycle lifecycle);

}
