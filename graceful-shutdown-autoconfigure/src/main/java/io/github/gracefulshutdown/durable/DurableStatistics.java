package io.github.gracefulshutdown.durable;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Numbers about durable jobs, for meters. The stored jobs are counted only if somebody
 * reads their numbers, and at most each {@value #MAX_AGE_SECONDS} s. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class DurableStatistics {

	/**
	 * The name of all jobs that this application does not know.
	 */
	public static final String OTHER = "other";

	private static final Log logger = LogFactory.getLog(DurableStatistics.class);

	static final int MAX_AGE_SECONDS = 10;

	/**
	 * So long a reader waits for new numbers. Then it gets those that are known.
	 */
	private static final long WAIT_MILLIS = 200;

	private final DurableJobDefinitions definitions;

	private final Supplier<List<JobCount>> counter;

	private final LongSupplier clock;

	private final List<WaitListener> listeners = new CopyOnWriteArrayList<>();

	private final LongAdder queued = new LongAdder();

	private final LongAdder dead = new LongAdder();

	private volatile @Nullable Numbers numbers;

	private @Nullable Long askedNanos;

	private boolean counting;

	DurableStatistics(DurableJobDefinitions definitions, Supplier<List<JobCount>> counter, LongSupplier clock) {
		this.definitions = definitions;
		this.counter = counter;
		this.clock = clock;
	}

	/**
	 * Return the names by which jobs are counted.
	 * @return the names of this application's jobs and {@value #OTHER}; empty if it has
	 * no job
	 */
	public Set<String> getNames() {
		Set<String> names = new LinkedHashSet<>(this.definitions.currentNames());
		if (!names.isEmpty()) {
			names.add(OTHER);
		}
		return names;
	}

	private String nameOf(String stored) {
		DurableJobDefinition definition = this.definitions.find(stored);
		return (definition != null) ? definition.name() : OTHER;
	}

	/**
	 * Return the number of stored jobs of all instances.
	 * @param name the name
	 * @param state the state
	 * @return the number, or {@code NaN} while it is not known. If the store fails, the
	 * last number stays.
	 */
	public double getCount(String name, DurableJobState state) {
		Numbers numbers = numbers();
		return (numbers != null) ? numbers.counts().getOrDefault(new Key(name, state), 0L) : Double.NaN;
	}

	/**
	 * Return since when the first queued job is due.
	 * @param name the name
	 * @return the time in milliseconds, 0 if no job is due, or {@code NaN} while it is
	 * not known
	 */
	public double getOldestMillis(String name) {
		Numbers numbers = numbers();
		return (numbers != null) ? numbers.oldest().getOrDefault(name, 0L) : Double.NaN;
	}

	private @Nullable Numbers numbers() {
		if (begin()) {
			CountDownLatch counted = new CountDownLatch(1);
			DaemonThreads.start("durable-count", () -> {
				try {
					count();
				}
				finally {
					counted.countDown();
				}
			});
			try {
				counted.await(WAIT_MILLIS, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
		return this.numbers;
	}

	private synchronized boolean begin() {
		long now = this.clock.getAsLong();
		Long asked = this.askedNanos;
		if (this.counting || (asked != null && now - asked < TimeUnit.SECONDS.toNanos(MAX_AGE_SECONDS))) {
			return false;
		}
		this.askedNanos = now;
		this.counting = true;
		return true;
	}

	private void count() {
		try {
			Map<Key, Long> counts = new HashMap<>();
			Map<String, Long> oldest = new HashMap<>();
			for (JobCount jobs : this.counter.get()) {
				String name = nameOf(jobs.name());
				counts.merge(new Key(name, jobs.state()), jobs.count(), Long::sum);
				if (jobs.state() == DurableJobState.QUEUED) {
					oldest.merge(name, Math.max(0, jobs.waitedMillis()), Math::max);
				}
			}
			this.numbers = new Numbers(counts, oldest);
		}
		catch (Throwable ex) {
			logger.debug("Durable jobs could not be counted", ex);
		}
		finally {
			synchronized (this) {
				this.counting = false;
			}
		}
	}

	/**
	 * Return the number of jobs that this instance has taken over from dead ones.
	 * @param state {@link DurableJobState#QUEUED} for those that run again,
	 * {@link DurableJobState#DEAD} for those that have become dead letters
	 * @return the number, 0 or more
	 */
	public long getTakenOver(DurableJobState state) {
		return ((state == DurableJobState.DEAD) ? this.dead : this.queued).sum();
	}

	void takenOver(JobStore.TakenOver jobs) {
		this.queued.add(jobs.due());
		this.dead.add(jobs.dead());
	}

	/**
	 * Register a listener.
	 * @param listener told how long each job has waited, by the thread that runs the job
	 */
	public void onBegin(WaitListener listener) {
		this.listeners.add(listener);
	}

	void begun(DurableRun run) {
		Long due = run.getJob().dueNanos();
		if (due == null) {
			return;
		}
		for (WaitListener listener : this.listeners) {
			try {
				listener.onBegin(run.getDefinition().name(), Duration.ofNanos(Math.max(0, System.nanoTime() - due)));
			}
			catch (RuntimeException | LinkageError ex) {
				logger.debug("The begin of a durable job was not counted", ex);
			}
		}
	}

	/**
	 * Learns how long jobs have waited.
	 */
	@FunctionalInterface
	public interface WaitListener {

		/**
		 * A job begins.
		 * @param name its name
		 * @param waited the time since it was due
		 */
		void onBegin(String name, Duration waited);

	}

	private record Key(String name, DurableJobState state) {

	}

	private record Numbers(Map<Key, Long> counts, Map<String, Long> oldest) {

	}

}
