package io.github.gracefulshutdown.durable;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Shows others that this instance lives, and takes over from those that are dead. If its
 * lock cannot be held, others may take this instance for dead: its jobs are interrupted
 * before they do. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class Instance {

	private static final Log logger = LogFactory.getLog(Instance.class);

	private static final long BEAT_MILLIS = 1000;

	private static final long WATCH_MILLIS = 500;

	/**
	 * Ticks and not time: a process that was stopped for a while is not cut off.
	 */
	private static final int MOST_TICKS = 4;

	/**
	 * Others have lost their locks too, and get time to take them again.
	 */
	private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

	private static final int MOST_DEATHS = 3;

	private final InstanceLock lock;

	private final String name;

	private final JobStore store;

	private final Runnable cancelRuns;

	private final Runnable onChange;

	private final ScheduledThreadPoolExecutor threads;

	private volatile boolean held;

	private volatile boolean beating;

	private volatile boolean cutOff;

	private int ticks;

	private long patientSince;

	private boolean patient;

	/**
	 * Create an instance.
	 * @param lock its lock
	 * @param name its name
	 * @param store the store
	 * @param cancelRuns interrupts the jobs that run here
	 * @param onChange called when jobs may be picked again, or are due again
	 */
	Instance(InstanceLock lock, String name, JobStore store, Runnable cancelRuns, Runnable onChange) {
		this.lock = lock;
		this.name = name;
		this.store = store;
		this.cancelRuns = cancelRuns;
		this.onChange = onChange;
		this.threads = new ScheduledThreadPoolExecutor(2, (code) -> DaemonThreads.create("durable-instance", code));
	}

	/**
	 * Take the lock, and take over from dead instances.
	 */
	void start() {
		try {
			this.lock.acquire();
			this.held = true;
			takeOver();
		}
		catch (RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException("The lock of this instance for durable jobs cannot be taken", ex);
		}
		this.threads.scheduleWithFixedDelay(this::beat, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
		this.threads.scheduleWithFixedDelay(this::watch, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
	}

	/**
	 * Return whether this instance may pick jobs.
	 * @return whether it holds its lock
	 */
	boolean isSafe() {
		return this.held && !this.cutOff;
	}

	private void beat() {
		this.beating = true;
		try {
			if (!this.held) {
				this.lock.acquire();
				this.patient = true;
				this.patientSince = System.nanoTime();
				this.held = true;
				this.onChange.run();
			}
			else if (!this.lock.beat()) {
				logger.warn("Another instance took this one for dead: the durable jobs that run here are interrupted");
				this.held = false;
				this.cancelRuns.run();
				return;
			}
			this.beating = false;
		}
		catch (Throwable ex) {
			this.held = false;
			logger.debug("The lock of this instance for durable jobs is lost", ex);
			return;
		}
		try {
			if (!this.patient || System.nanoTime() - this.patientSince > PATIENCE_NANOS) {
				takeOver();
			}
		}
		catch (Throwable ex) {
			logger.debug("Dead instances could not be looked for", ex);
		}
	}

	private void takeOver() throws Exception {
		for (String instance : this.lock.findSilent()) {
			this.lock.ifDead(instance, () -> {
				JobStore.TakenOver jobs = this.store.takeOver(instance, MOST_DEATHS);
				logger.warn("Instance %s of this application died: %d of its durable jobs run again".formatted(instance,
						jobs.due()) + ((jobs.dead() > 0) ? ", %d are dead letters now".formatted(jobs.dead()) : ""));
				this.onChange.run();
			});
		}
	}

	private void watch() {
		if (this.held && !this.beating) {
			this.ticks = 0;
			if (this.cutOff) {
				this.cutOff = false;
				logger.info("This instance runs durable jobs again");
				this.onChange.run();
			}
		}
		else if (++this.ticks >= MOST_TICKS && !this.cutOff) {
			this.cutOff = true;
			logger.warn("The database cannot be reached for %d ms: the durable jobs that run here are interrupted,"
				.formatted(MOST_TICKS * WATCH_MILLIS) + " because other instances may take them over");
			this.cancelRuns.run();
		}
	}

	/**
	 * This instance ends.
	 * @param forget whether it has nothing left that others have to take over
	 */
	void close(boolean forget) {
		this.threads.shutdown();
		try {
			this.threads.awaitTermination(1, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		try {
			this.lock.leave(forget);
		}
		catch (RuntimeException ex) {
			logger.debug("Instance %s could not be removed".formatted(this.name), ex);
		}
	}

}
