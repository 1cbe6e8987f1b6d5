package io.github.gracefulshutdown.job;

/**
 * Tracks what reactive {@link BackgroundJob} methods return. There is one only if Reactor
 * is there, of which nothing is to be seen here.
 *
 * @author The Graceful Shutdown authors
 */
public interface PublisherTracker {

	/**
	 * Make each subscription a job.
	 * @param result what the method has returned, of a type that Spring's registry of
	 * reactive types knows
	 * @param returnType what the method is declared to return
	 * @param name the name of the job
	 * @param onDrain what becomes of the job in a drain
	 * @return the same, tracked, and of the same reactive type
	 */
	Object track(Object result, Class<?> returnType, String name, OnDrain onDrain);

}
