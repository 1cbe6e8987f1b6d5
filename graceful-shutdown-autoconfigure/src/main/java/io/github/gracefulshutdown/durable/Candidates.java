package io.github.gracefulshutdown.durable;

import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

import org.jspecify.annotations.Nullable;

/**
 * The jobs that wait for a worker of this instance. They are not locked: another instance
 * may pick them first. A job is known from here until the end of its run is written, so
 * that it is not found twice. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class Candidates {

	private final Queue<StoredJob> queue = new ConcurrentLinkedQueue<>();

	private final Set<String> known = ConcurrentHashMap.newKeySet();

	/**
	 * A suspect runs beside no other suspect: otherwise those that only ran beside the
	 * job that ends processes would become dead letters with it.
	 */
	private final Semaphore suspects = new Semaphore(1);

	private final int limit;

	/**
	 * Create an instance.
	 * @param limit the number of known jobs from which on no other one is needed
	 */
	Candidates(int limit) {
		this.limit = limit;
	}

	boolean isFull() {
		return this.known.size() >= this.limit;
	}

	/**
	 * Add a job, unless it is known, or has to wait for the end of another suspect.
	 * @param job the job
	 * @return whether it was added
	 */
	boolean add(StoredJob job) {
		if (!this.known.add(job.id())) {
			return false;
		}
		if (job.isSuspect() && !this.suspects.tryAcquire()) {
			this.known.remove(job.id());
			return false;
		}
		this.queue.add(job);
		return true;
	}

	/**
	 * A new job goes to a worker once it is stored.
	 * @param job the job
	 */
	void addTaken(StoredJob job) {
		this.known.add(job.id());
	}

	/**
	 * Return whether a suspect could be added.
	 * @return {@code false} if one is known
	 */
	boolean isWithoutSuspect() {
		return this.suspects.availablePermits() > 0;
	}

	/**
	 * Take the next job for a worker. It remains known.
	 * @return the job, or {@code null} if there is none
	 */
	@Nullable StoredJob poll() {
		return this.queue.poll();
	}

	boolean isEmpty() {
		return this.queue.isEmpty();
	}

	int size() {
		return this.queue.size();
	}

	boolean isKnown(StoredJob job) {
		return this.known.contains(job.id());
	}

	boolean isNoneKnown() {
		return this.known.isEmpty();
	}

	/**
	 * The end of a job is written, or it was not picked.
	 * @param job the job
	 */
	void forget(StoredJob job) {
		this.known.remove(job.id());
		if (job.isSuspect()) {
			this.suspects.release();
		}
	}

	/**
	 * Forget the jobs that no worker has taken.
	 */
	void drop() {
		StoredJob dropped = poll();
		while (dropped != null) {
			forget(dropped);
			dropped = poll();
		}
	}

}
