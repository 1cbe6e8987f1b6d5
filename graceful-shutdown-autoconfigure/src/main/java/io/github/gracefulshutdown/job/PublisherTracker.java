package io.github.gracefulshutdown.job;

/**
 * Tracks the results of reactive {@link BackgroundJob} methods. Present only with
 * Reactor, and deliberately free of Reactor types.
 *
 * @author The Graceful Shutdown authors
 */
public interface PublisherTracker {

	/**
	 * Make each subscription a job.
	 * @param result the result of the method, of a type that Spring's registry of
	 * reactive types knows
	 * @param returnType the declared return type of the method
	 * @param name the name of the job
	 * @param onDrain how a shutdown treats the job
	 * @return a tracked publisher of the same reactive type
	 */
	Object track(Object result, Class<?> returnType, String name, OnDrain onDrain);

}
