package io.github.gracefulshutdown.durable;

import java.util.List;

/**
 * A lock that ends with this process, and by which others see whether it lives. For one
 * thread, except {@link #close()}.
 *
 * @author The Graceful Shutdown authors
 */
interface InstanceLock extends AutoCloseable {

	/**
	 * Take the lock of this instance, and show that it lives. Called again when
	 * {@link #beat()} has failed.
	 * @throws Exception if the lock cannot be had now
	 */
	void acquire() throws Exception;

	/**
	 * Show that this instance lives.
	 * @return {@code false} if another instance has taken this one for dead
	 * @throws Exception if the lock is lost
	 */
	boolean beat() throws Exception;

	/**
	 * Return the instances that may be dead.
	 * @return their identifiers
	 * @throws Exception if the lock is lost
	 */
	List<String> findSilent() throws Exception;

	/**
	 * Take over from an instance, if it is dead. Only one instance does so at a time.
	 * @param instance the instance
	 * @param takeOver returns its jobs
	 * @return whether it was dead
	 * @throws Exception if the lock is lost
	 */
	boolean ifDead(String instance, Runnable takeOver) throws Exception;

	/**
	 * This instance ends.
	 * @param forget whether it has nothing left that others have to take over
	 */
	void leave(boolean forget);

	/**
	 * Release the lock.
	 */
	@Override
	void close();

}
