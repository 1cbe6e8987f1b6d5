package io.github.gracefulshutdown;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * The number of all tracked work in flight, and the seal that ends admission, in one
 * atomic word. As both are one word, work is either counted before the seal or not
 * admitted: there is no moment at which it could be admitted and not waited for.
 *
 * @author The Graceful Shutdown authors
 */
public final class InFlight {

	private static final long SEALED = Long.MIN_VALUE;

	private final AtomicLong word = new AtomicLong();

	private final LongAdder admitted = new LongAdder();

	private volatile @Nullable Thread waiter;

	private volatile boolean woken;

	/**
	 * Admit one piece of work.
	 * @return whether it was admitted; {@code false} once sealed
	 */
	boolean enter() {
		long current = this.word.get();
		while (current >= 0) {
			long witness = this.word.compareAndExchange(current, current + 1);
			if (witness == current) {
				this.admitted.increment();
				return true;
			}
			current = witness;
		}
		return false;
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
	boolean sealIfEmpty() {
		return this.word.compareAndSet(0, SEALED) || isSealed();
	}

	/**
	 * Seal, whatever is in flight.
	 */
	void seal() {
		this.word.updateAndGet((current) -> current | SEALED);
	}

	boolean isSealed() {
		return this.word.get() < 0;
	}

	/**
	 * Return how much work has ever been admitted.
	 * @return the number, 0 or more
	 */
	public long getAdmitted() {
		return this.admitted.sum();
	}

	/**
	 * Return the number of work in flight.
	 * @return the number, 0 or more
	 */
	long count() {
		return this.word.get() & ~SEALED;
	}

	/**
	 * Wait until something has ended that may be what the caller waits for, or the time
	 * is over. Only one thread may wait, the one that drains. May return for no reason,
	 * and does so if the thread is interrupted.
	 * @param mostNanos how long to wait at the most, in nanoseconds
	 */
	void park(long mostNanos) {
		if (!this.woken) {
			LockSupport.parkNanos(this, mostNanos);
		}
		this.woken = false;
	}

	void setWaiter(@Nullable Thread waiter) {
		this.waiter = waiter;
	}

	boolean isAwaited() {
		return this.waiter != null;
	}

	/**
	 * Wake up the thread that waits, if there is one. As it may be between two waits, or
	 * be parked by something else that takes its permit, the next wait is ended too.
	 */
	void wake() {
		Thread waiter = this.waiter;
		if (waiter != null) {
			this.woken = true;
			LockSupport.unpark(waiter);
		}
	}

}
