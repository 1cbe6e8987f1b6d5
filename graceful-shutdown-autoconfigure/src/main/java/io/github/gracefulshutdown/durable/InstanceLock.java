package io.github.gracefulshutdown.durable;

import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A lock that ends with this process, and by which others see whether it lives. One
 * thread calls {@link #acquire()} and {@link #beat()}, another one may look for dead
 * instances meanwhile.
 *
 * @author The Graceful Shutdown authors
 */
interface InstanceLock {

	/**
	 * Take the lock of this instance, and show that it lives. Called again when
	 * {@link #beat()} has failed.
	 * @return {@code false} if another instance has taken this one for dead since the
	 * last call
	 * @throws Exception if the lock cannot be had now
	 */
	boolean acquire() throws Exception;

	/**
	 * Show that this instance lives.
	 * @return {@code false} if another instance has taken this one for dead. Its place is
	 * taken again.
	 * @throws Exception if the lock is lost
	 */
	boolean beat() throws Exception;

	/**
	 * Tell the other instances that jobs are queued which this one does not run. Without
	 * effect if they can only look for them. Any thread may call it.
	 * @throws org.springframework.dao.DataAccessException if the store fails
	 */
	default void announce() {
	}

	/**
	 * Wait for announcements, on the thread that calls {@link #beat()}, and until its
	 * next call.
	 * @param millis how long to wait, 0 to take only what has come already
	 * @param announced called for an announcement, returns whether to wait on
	 * @throws Exception if the lock is lost
	 */
	default void listen(long millis, BooleanSupplier announced) throws Exception {
	}

	/**
	 * Return the instances that may be dead, also those that are known only as owners of
	 * jobs.
	 * @return their names
	 */
	List<String> findSilent();

	/**
	 * Take over from an instance, if it is dead. Only one instance does so at a time, and
	 * the dead one cannot come back in the middle of it.
	 * @param instance the instance
	 * @param takeOver takes its jobs and its place
	 * @return the jobs, empty if it was not dead
	 * @throws Exception if that cannot be found out now
	 */
	Optional<JobStore.TakenOver> ifDead(String instance, Supplier<JobStore.TakenOver> takeOver) throws Exception;

	/**
	 * This instance ends, and has nothing left that others have to take over. Otherwise
	 * the lock ends with the process.
	 * @throws Exception if the store fails
	 */
	void leave() throws Exception;

}
