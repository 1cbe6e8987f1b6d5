package io.github.gracefulshutdown.jobrunr;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.tracking.PrivateFields;
import io.github.gracefulshutdown.tracking.Settling;
import org.jobrunr.jobs.Job;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.JobSteward;
import org.jspecify.annotations.Nullable;

/**
 * A job server that can be kept from picking jobs. Its own pause is of no use for that:
 * it blocks, and interrupts the running jobs after ten seconds. A server only picks as
 * many jobs as it has idle workers, so it picks none while as many workers as it has are
 * said to be occupied.
 * <p>
 * It may have picked jobs just before. They are invisible until their workers begin, so
 * the server is idle when it has {@linkplain Settling settled}. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class JobServer {

	/**
	 * The time in which a worker begins a job that was picked. Processors may be busy.
	 */
	private static final Duration QUIET = Duration.ofMillis(100);

	/**
	 * Without its database, a pick lasts long, and hardly finds a job.
	 */
	private static final long PICK_NANOS = TimeUnit.SECONDS.toNanos(2);

	private final BackgroundJobServer server;

	private final LongSupplier clock;

	private final JobSteward steward;

	/**
	 * Locked while the server picks jobs, which lasts as long as the database takes.
	 * Without it, that must not last longer than the quiet time.
	 */
	private final @Nullable ReentrantLock picking;

	/**
	 * How many workers are said to be occupied without a job.
	 */
	private final AtomicInteger held = new AtomicInteger();

	/**
	 * Present while jobs that were picked may not have begun.
	 */
	private @Nullable Settling beginning;

	private long heldNanos;

	JobServer(BackgroundJobServer server, LongSupplier clock) {
		this.server = server;
		this.clock = clock;
		this.steward = server.getJobSteward();
		Object pick = PrivateFields.read(this.steward, "onboardNewWorkTask");
		this.picking = (PrivateFields.read(pick, "reentrantLock") instanceof ReentrantLock lock) ? lock : null;
	}

	boolean is(BackgroundJobServer server) {
		return this.server == server;
	}

	/**
	 * Return the number of workers with a job, until its outcome is stored.
	 * @return the number, too high for a moment while workers are held or released
	 */
	int getOccupied() {
		return Math.max(0, this.steward.getOccupiedWorkerCount() - this.held.get());
	}

	synchronized boolean isIdle() {
		boolean idle = !isPicking() && getOccupied() == 0;
		return (this.beginning != null) ? this.beginning.look(idle, 0) : idle;
	}

	private boolean isPicking() {
		return this.picking != null && this.picking.isLocked() && this.clock.getAsLong() - this.heldNanos <= PICK_NANOS;
	}

	Set<Job> getRunning() {
		return this.steward.getJobsInProgress();
	}

	/**
	 * Return the thread that runs a job.
	 * @param job the job
	 * @return the thread, unless the job has ended
	 */
	Optional<Thread> getThread(Job job) {
		return Optional.ofNullable(this.steward.getThreadProcessingJob(job));
	}

	/**
	 * Pick no job any more.
	 */
	synchronized void hold() {
		int workers = this.server.getWorkDistributionStrategy().getWorkerCount();
		while (this.held.get() < workers) {
			this.steward.notifyThreadOccupied();
			this.held.incrementAndGet();
		}
		this.beginning = new Settling(QUIET, this.clock);
		this.heldNanos = this.clock.getAsLong();
	}

	/**
	 * Pick jobs again, unless the application has paused the server. The server looks for
	 * jobs on this thread, which lasts as long as the database takes. A shutdown does not
	 * wait for that.
	 */
	void release() {
		synchronized (this) {
			this.beginning = null;
		}
		while (releaseWorker()) {
			try {
				this.steward.notifyThreadIdle();
			}
			catch (RuntimeException ex) {
				// The worker is idle, but its look for jobs has failed: the server looks
				// again
			}
		}
	}

	// None is released any more if they are held again
	private synchronized boolean releaseWorker() {
		if (this.beginning != null || this.held.get() == 0) {
			return false;
		}
		this.held.decrementAndGet();
		return true;
	}

	/**
	 * Interrupt the running jobs, as the server does when it stops.
	 */
	void interrupt() {
		getRunning().forEach((job) -> getThread(job).ifPresent(Thread::interrupt));
	}

}
