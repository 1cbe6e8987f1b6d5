package io.github.gracefulshutdown;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * The number of all tracked work in flight, and the seal that ends admission.
 * <p>
 * While the application runs, threads count in stripes, so that they do not get in each
 * other's way. When the drain waits for the end, the stripes are {@linkplain #gather()
 * closed}, and new work is counted in one word together with the seal. A closed stripe is
 * only ever counted down, so once all have been seen at zero, the whole number is in that
 * word, and one compare-and-set seals it if it is zero: work is either counted before the
 * seal or not admitted. There is no moment at which it could be admitted and not waited
 * for.
 *
 * @author The Graceful Shutdown authors
 */
public final class InFlight {

	/**
	 * In the place of a stripe: the work is not admitted.
	 */
	static final int REFUSED = -1;

	/**
	 * The sign of the word, and of a stripe that is closed.
	 */
	private static final long SEALED = Long.MIN_VALUE;

	/**
	 * The distance of two counters that are in no common cache line, nor in two that are
	 * fetched together.
	 */
	private static final int STRIDE = 128 / Long.BYTES;

	private final int stripes = 4 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors());

	/**
	 * Where the one word is: after the stripes, as work goes from them to it, so that who
	 * looks at one counter after the other does not miss what goes on.
	 */
	private final int word = this.stripes;

	private final AtomicLongArray counters = new AtomicLongArray(index(this.stripes + 1));

	private final AtomicLong gathered = new AtomicLong();

	private volatile @Nullable Thread waiter;

	private volatile boolean woken;

	/**
	 * Return how many places there are where work is counted.
	 * @return their number
	 */
	int getCounters() {
		return this.stripes + 1;
	}

	/**
	 * Admit one piece of work.
	 * @return where it was counted, from 0 to {@link #getCounters()} - 1, to be given
	 * back when it {@linkplain #leave leaves}; {@link #REFUSED} once sealed
	 */
	int enter() {
		int stripe = (int) Thread.currentThread().getId() & (this.stripes - 1);
		if (increment(stripe)) {
			return stripe;
		}
		if (increment(this.word)) {
			this.gathered.incrementAndGet();
			return this.word;
		}
		return REFUSED;
	}

	// The first place is left empty, as it is next to the length of the array, which all
	// threads read
	private static int index(int counter) {
		return STRIDE * (1 + counter);
	}

	private boolean increment(int counter) {
		long current = this.counters.get(index(counter));
		while (current >= 0) {
			long witness = this.counters.compareAndExchange(index(counter), current, current + 1);
			if (witness == current) {
				return true;
			}
			current = witness;
		}
		return false;
	}

	/**
	 * One piece of admitted work has ended.
	 * @param counter where it was counted
	 */
	void leave(int counter) {
		this.counters.decrementAndGet(index(counter));
	}

	/**
	 * From now on, all new work is counted in one word.
	 */
	void gather() {
		for (int stripe = 0; stripe < this.stripes; stripe++) {
			close(stripe);
		}
	}

	private void close(int counter) {
		this.counters.updateAndGet(index(counter), (current) -> current | SEALED);
	}

	/**
	 * Seal, if nothing is in flight.
	 * @return whether it is sealed
	 */
	boolean sealIfEmpty() {
		gather();
		return (countInStripes() == 0 && this.counters.compareAndSet(index(this.word), 0, SEALED)) || isSealed();
	}

	/**
	 * Seal, whatever is in flight.
	 */
	void seal() {
		gather();
		close(this.word);
	}

	boolean isSealed() {
		return this.counters.get(index(this.word)) < 0;
	}

	/**
	 * Return how much work has been admitted since it is counted in one word: something,
	 * if that number changes.
	 * @return the number, 0 while the application runs
	 */
	public long getGathered() {
		return this.gathered.get();
	}

	/**
	 * Return the number of work in flight.
	 * @return the number, 0 or more
	 */
	long count() {
		return countInStripes() + countAt(this.word);
	}

	private long countInStripes() {
		long count = 0;
		for (int stripe = 0; stripe < this.stripes; stripe++) {
			count += countAt(stripe);
		}
		return count;
	}

	private long countAt(int counter) {
		return this.counters.get(index(counter)) & ~SEALED;
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
