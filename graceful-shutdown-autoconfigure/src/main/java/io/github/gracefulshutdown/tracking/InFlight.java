package io.github.gracefulshutdown.tracking;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The number of all tracked work in flight, and the seal that ends admission.
 * <p>
 * Number and seal are one word, so one compare-and-set decides: work is either counted
 * before the seal or not admitted. At no moment could it be admitted and not waited for.
 * Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class InFlight {

	/**
	 * The sign bit of the word.
	 */
	private static final long SEALED = Long.MIN_VALUE;

	private static final int MAX_SOURCES = 100;

	private final AtomicLong word = new AtomicLong();

	private final LongAdder admitted = new LongAdder();

	/**
	 * The threads that have work admitted, once somebody wants to know.
	 */
	private volatile @Nullable Map<String, Long> sources;

	private volatile @Nullable Thread waiter;

	private volatile boolean woken;

	/**
	 * Admit one piece of work.
	 * @return whether it was admitted, and so must {@linkplain #leave() leave};
	 * {@code false} once sealed
	 */
	boolean enter() {
		long current = this.word.get();
		while (current >= 0) {
			long witness = this.word.compareAndExchange(current, current + 1);
			if (witness == current) {
				this.admitted.increment();
				noteSource();
				return true;
			}
			current = witness;
		}
		return false;
	}

	private void noteSource() {
		Map<String, Long> sources = this.sources;
		if (sources != null && sources.size() < MAX_SOURCES) {
			sources.merge(Thread.currentThread().getName(), 1L, Long::sum);
		}
	}

	/**
	 * Return the threads that had work admitted since the last call, and go on to note
	 * them. The first call begins to note them.
	 * @return the number of admissions by the name of the thread, for 100 threads or so
	 */
	public Map<String, Long> takeSources() {
		Map<String, Long> taken = this.sources;
		this.sources = new ConcurrentHashMap<>();
		return (taken != null) ? taken : Map.of();
	}

	/**
	 * One piece of admitted work has ended.
	 */
	void leave() {
		this.word.decrementAndGet();
	}

	/**
	 * Seal, if nothing is in flight.
	 * @return whether it is sealed
	 */
	public boolean sealIfEmpty() {
		return this.word.compareAndSet(0, SEALED) || isSealed();
	}

	/**
	 * Seal, even if work is in flight.
	 */
	public void seal() {
		this.word.updateAndGet((current) -> current | SEALED);
	}

	boolean isSealed() {
		return this.word.get() < 0;
	}

	/**
	 * Return the number of work in flight.
	 * @return the number, 0 or more
	 */
	public long count() {
		return this.word.get() & ~SEALED;
	}

	/**
	 * Return the number of work admitted since the application started. If two calls
	 * return the same number, no work was admitted between them.
	 * @return the number, 0 or more
	 */
	public long getAdmitted() {
		return this.admitted.sum();
	}

	/**
	 * Wait until a condition holds. It is checked when the last piece of work of a
	 * workload ends, and after each pause. An interrupt does not end the wait, and stays
	 * pending: the interrupter cannot know how much work would be lost. Only one thread
	 * may wait at a time.
	 * @param condition the condition
	 * @param pause asked after each check for the time until the next one, in
	 * nanoseconds; the wait ends if it is not positive
	 * @return whether the condition holds
	 */
	public boolean await(BooleanSupplier condition, LongSupplier pause) {
		boolean interrupted = false;
		this.waiter = Thread.currentThread();
		try {
			while (!condition.getAsBoolean()) {
				long nanos = pause.getAsLong();
				if (nanos <= 0) {
					return false;
				}
				park(nanos);
				interrupted |= Thread.interrupted();
			}
			return true;
		}
		finally {
			this.waiter = null;
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private void park(long nanos) {
		if (!this.woken) {
			LockSupport.parkNanos(this, nanos);
		}
		this.woken = false;
	}

	/**
	 * Wake up the waiting thread, if any. It may be checking its condition, or parked by
	 * code that consumes the permit, so the flag ends its next pause too.
	 */
	void wake() {
		Thread waiter = this.waiter;
		if (waiter != null) {
			this.woken = true;
			LockSupport.unpark(waiter);
		}
	}

}
