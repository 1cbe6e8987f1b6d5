package io.github.gracefulshutdown.durable;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Shows others that this instance lives, hears their announcements, and takes over from
 * those that are dead. If it cannot show that, others may take this instance for dead:
 * its jobs are interrupted before they do. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class Instance {

	private static final Log logger = LogFactory.getLog(Instance.class);

	private static final long BEAT_MILLIS = 500;

	private static final long SWEEP_MILLIS = 1000;

	private static final long TICK_MILLIS = 500;

	/**
	 * Since the begin of the last successful beat: 2.5 s at most, less than
	 * {@link SessionInstanceLock#SILENT_MILLIS}. Ticks and not time: a process that was
	 * stopped for a while is not cut off.
	 */
	private static final int MOST_TICKS = 5;

	/**
	 * Others have lost their locks too, and get time to take them again.
	 */
	private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

	private static final int MAX_HOST_LENGTH = 20;

	private final InstanceLock lock;

	private final JobStore store;

	private final Runnable cancelRuns;

	private final Runnable onChange;

	private final Consumer<JobStore.TakenOver> onTakeOver;

	private final BooleanSupplier picking;

	private final ScheduledThreadPoolExecutor threads;

	private final Refusals refusals = new Refusals();

	private volatile boolean held;

	private volatile boolean cutOff;

	private volatile int ticks;

	private volatile int lastBeat;

	private volatile long patientUntil = System.nanoTime();

	/**
	 * Create an instance.
	 * @param lock its lock
	 * @param store the store
	 * @param cancelRuns interrupts the jobs that run here
	 * @param onChange called when jobs may be picked again, or were announced
	 * @param onTakeOver called with the jobs of each dead instance
	 * @param picking whether announcements are of use
	 */
	Instance(InstanceLock lock, JobStore store, Runnable cancelRuns, Runnable onChange,
			Consumer<JobStore.TakenOver> onTakeOver, BooleanSupplier picking) {
		this.lock = lock;
		this.store = store;
		this.cancelRuns = cancelRuns;
		this.onChange = onChange;
		this.onTakeOver = onTakeOver;
		this.picking = picking;
		this.threads = new ScheduledThreadPoolExecutor(3, (code) -> DaemonThreads.create("durable-instance", code),
				new ThreadPoolExecutor.DiscardPolicy());
		this.threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
	}

	/**
	 * Return a name that tells an operator where an instance runs, and that never comes
	 * again.
	 * @return the name, a part of the name of a file
	 */
	static String newName() {
		String host;
		try {
			host = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.]", "-");
		}
		catch (UnknownHostException ex) {
			host = "host";
		}
		return "%s-%d-%s".formatted(host.substring(0, Math.min(MAX_HOST_LENGTH, host.length())),
				ProcessHandle.current().pid(), HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()));
	}

	/**
	 * Take the lock, and take over from dead instances.
	 */
	void start() {
		try {
			this.lock.acquire();
			this.held = true;
		}
		catch (RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException("The lock of this instance for durable jobs cannot be taken", ex);
		}
		sweep();
		this.threads.execute(this::listenAndBeat);
		schedule(this::tick, TICK_MILLIS);
		schedule(this::sweep, SWEEP_MILLIS);
	}

	private void schedule(Runnable task, long millis) {
		this.threads.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
	}

	/**
	 * Return whether this instance may run jobs.
	 * @return whether it holds its lock
	 */
	boolean isSafe() {
		return this.held && !this.cutOff;
	}

	private void listenAndBeat() {
		long next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BEAT_MILLIS);
		if (this.held) {
			listen();
		}
		this.threads.schedule(this::beatAndGoOn, next - System.nanoTime(), TimeUnit.NANOSECONDS);
	}

	// In place of a pause. An instance that picks no jobs may end, and must not wait then
	private void listen() {
		try {
			this.lock.listen(this.picking.getAsBoolean() ? BEAT_MILLIS : 0, () -> {
				this.onChange.run();
				return this.picking.getAsBoolean();
			});
		}
		catch (Throwable ex) {
			lost(ex);
		}
	}

	private void beatAndGoOn() {
		beat();
		listenAndBeat();
	}

	private void beat() {
		int begin = this.ticks;
		boolean again = !this.held;
		try {
			if (again ? this.lock.acquire() : this.lock.beat()) {
				this.lastBeat = begin;
			}
			else {
				logger.warn("Another instance took this one for dead: the durable jobs that run here are interrupted");
				this.cancelRuns.run();
			}
			if (again) {
				this.patientUntil = System.nanoTime() + PATIENCE_NANOS;
				this.held = true;
				this.onChange.run();
			}
		}
		catch (Throwable ex) {
			lost(ex);
		}
	}

	private void lost(Throwable cause) {
		this.held = false;
		logger.debug("The lock of this instance for durable jobs is lost", cause);
	}

	// An exception would end the schedule
	private void tick() {
		try {
			fenceIfLate();
		}
		catch (Throwable ex) {
			logger.debug("A change of this instance could not be told", ex);
		}
	}

	private void fenceIfLate() {
		int tick = this.ticks + 1;
		this.ticks = tick;
		boolean late = tick - this.lastBeat >= MOST_TICKS;
		if (late && !this.cutOff) {
			this.cutOff = true;
			logger.warn("The database cannot be reached for %d ms: the durable jobs that run here are interrupted,"
				.formatted(MOST_TICKS * TICK_MILLIS) + " because other instances may take them over");
			this.cancelRuns.run();
		}
		else if (!late && this.cutOff) {
			this.cutOff = false;
			logger.info("This instance runs durable jobs again");
			this.onChange.run();
		}
	}

	private void sweep() {
		try {
			if (this.held && System.nanoTime() - this.patientUntil >= 0) {
				takeOver();
			}
		}
		catch (Throwable ex) {
			logger.debug("Dead instances could not be looked for", ex);
		}
	}

	private void takeOver() {
		for (String instance : this.lock.findSilent()) {
			try {
				takeOver(instance);
			}
			catch (Exception ex) {
				// Must not keep the others away
				this.refusals.add(instance, "Instance %s cannot be taken over".formatted(instance), ex);
			}
		}
	}

	private void takeOver(String instance) throws Exception {
		Optional<JobStore.TakenOver> taken = this.lock.ifDead(instance,
				() -> this.store.takeOver(instance, StoredJob.MOST_DEATHS));
		this.refusals.end(instance);
		taken.ifPresent((jobs) -> {
			if (jobs.due() + jobs.dead() > 0) {
				logger.warn("Instance %s of this application died: %d of its durable jobs run again".formatted(instance,
						jobs.due()) + ((jobs.dead() > 0) ? ", %d are dead letters now".formatted(jobs.dead()) : ""));
			}
			this.onTakeOver.accept(jobs);
		});
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
		if (forget) {
			try {
				this.lock.leave();
			}
			catch (Exception ex) {
				logger.debug("Others find that there is nothing to take over", ex);
			}
		}
	}

}
