package io.github.gracefulshutdown.tracking;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.DrainReport.NotWaitedFor;
import org.jspecify.annotations.Nullable;

/**
 * The number of all tracked work in flight, and the seal that ends admission.
 * <p>
 * Number, seal and a counter of admissions are one word, so one compare-and-set decides:
 * work is either counted before the seal or not admitted. At no moment could it be
 * admitted and not waited for. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class InFlight {

	/**
	 * The sign bit of the word.
	 */
	private static final long SEALED = Long.MIN_VALUE;

	/**
	 * The lower half of the word.
	 */
	private static final long NUMBER = 0xFFFF_FFFFL;

	/**
	 * Between the number and the seal, admissions are counted, modulo 2^31: work that
	 * came and went changes the word too.
	 */
	private static final long ADMISSION = NUMBER + 1;

	private static final int MAX_SOURCES = 100;

	private final AtomicLong word = new AtomicLong();

	/**
	 * The work of sources that go on after the signal. The drain does not wait for it.
	 */
	private final AtomicLong foreign = new AtomicLong();

	private final LongAdder admittedForeign = new LongAdder();

	/**
	 * Tracked work without a thread. Any thread may go on with it.
	 */
	private final AtomicLong waiting = new AtomicLong();

	/**
	 * How much came from which thread outside of all work.
	 */
	private final Map<String, Long> sources = new ConcurrentHashMap<>();

	/**
	 * Tells whether work that is not tracked is in flight, once only the descendants of
	 * work are waited for.
	 */
	private volatile @Nullable BooleanSupplier untracked;

	private volatile @Nullable Thread closingThread;

	private volatile boolean expired;

	private volatile @Nullable Thread waiter;

	private volatile boolean woken;

	/**
	 * Admit one piece of work that the drain waits for.
	 * @return whether it was admitted, and so must {@linkplain #leave() leave};
	 * {@code false} once sealed
	 */
	boolean enter() {
		long current = this.word.get();
		while (current >= 0) {
			long witness = this.word.compareAndExchange(current, ((current + ADMISSION) & ~SEALED) + 1);
			if (witness == current) {
				return true;
			}
			current = witness;
		}
		return false;
	}

	/**
	 * Admit one piece of work that the drain does not wait for.
	 * @param reported whether the report counts it, because its source is not known
	 * @return whether it was admitted, and so must {@linkplain #leaveForeign() leave};
	 * {@code false} once sealed
	 */
	boolean enterForeign(boolean reported) {
		if (isSealed()) {
			return false;
		}
		this.foreign.incrementAndGet();
		if (reported) {
			this.admittedForeign.increment();
		}
		return true;
	}

	/**
	 * One piece of admitted work has ended.
	 */
	void leave() {
		this.word.decrementAndGet();
	}

	void leaveForeign() {
		this.foreign.decrementAndGet();
	}

	/**
	 * Some work has lost its thread, or found one.
	 * @param change 1 or -1
	 */
	void waiting(int change) {
		this.waiting.addAndGet(change);
	}

	/**
	 * A drain has begun.
	 * @param closingThread the thread that closes the application, and so is no source of
	 * work
	 */
	public void drainedBy(Thread closingThread) {
		this.closingThread = closingThread;
	}

	/**
	 * Wait only for what is in flight and its descendants from now on: work that is
	 * submitted by the thread of such work. A source that nobody knew may submit work for
	 * ever.
	 * @param untracked whether work that is not tracked is in flight, and so may submit
	 * other work on any thread; must be fast and thread-safe
	 */
	public void waitOnlyForDescendants(BooleanSupplier untracked) {
		this.untracked = untracked;
	}

	/**
	 * Return whether the work that the calling thread is about to submit descends from
	 * nothing that the drain waits for. If in doubt, it does descend.
	 * @return whether the work is foreign
	 */
	boolean isForeign() {
		BooleanSupplier untracked = this.untracked;
		if (untracked == null) {
			return false;
		}
		Work submitter = Work.current();
		if (submitter != null) {
			return submitter.isForeign();
		}
		if (isClosing()) {
			return false;
		}
		if (this.sources.size() < MAX_SOURCES) {
			this.sources.merge(Thread.currentThread().getName(), 1L, Long::sum);
		}
		return this.waiting.get() == 0 && !untracked.getAsBoolean();
	}

	/**
	 * Return whether the calling thread drains or closes the application.
	 * @return whether it is one of the threads of the shutdown
	 */
	public boolean isClosing() {
		return Thread.currentThread() == this.closingThread || DrainThreads.isCurrent();
	}

	/**
	 * Return the work that the drain does not wait for, once only descendants are waited
	 * for.
	 * @return how much there is, and the threads that submit it
	 */
	public NotWaitedFor getNotWaitedFor() {
		return new NotWaitedFor(this.admittedForeign.sum(), this.foreign.get(), this.sources);
	}

	/**
	 * Return the number of foreign work in flight.
	 * @return the number, 0 or more
	 */
	public long countForeign() {
		return this.foreign.get();
	}

	/**
	 * Seal, if nothing is in flight.
	 * @return whether it is sealed
	 */
	public boolean sealIfEmpty() {
		return sealIfEmpty(() -> true);
	}

	/**
	 * Seal, if nothing is in flight, tracked or not. Tracked work hands over to work that
	 * is not tracked without an end of its own being seen, so nothing may be admitted
	 * while the latter is looked at.
	 * @param untracked looks whether nothing else is in flight; asked once, in any case
	 * @return whether nothing else is in flight, and it is sealed
	 */
	public boolean sealIfEmpty(BooleanSupplier untracked) {
		long before = this.word.get();
		return untracked.getAsBoolean()
				&& (((before & NUMBER) == 0 && this.word.compareAndSet(before, before | SEALED)) || isSealed());
	}

	/**
	 * Seal, even if work is in flight. Foreign work may still begin.
	 */
	public void seal() {
		this.word.updateAndGet((current) -> current | SEALED);
	}

	/**
	 * Seal because the deadline has passed. No work begins any more.
	 */
	public void expire() {
		this.expired = true;
		seal();
	}

	/**
	 * Return whether the deadline has passed.
	 * @return whether no work begins any more
	 */
	public boolean isExpired() {
		return this.expired;
	}

	boolean isSealed() {
		return this.word.get() < 0;
	}

	/**
	 * Return whether admitted work must not begin any more.
	 * @param foreign whether the work is foreign
	 * @return whether it is too late
	 */
	boolean isTooLate(boolean foreign) {
		return isSealed() && (!foreign || this.expired);
	}

	/**
	 * Return the number of work in flight, without foreign work.
	 * @return the number, 0 or more
	 */
	public long count() {
		return this.word.get() & NUMBER;
	}

	/**
	 * Return how much work was admitted since the application started, modulo 2^31. If
	 * two calls return the same number, no work was admitted between them.
	 * @return the number, 0 or more
	 */
	public long getAdmitted() {
		return (this.word.get() & ~SEALED) / ADMISSION;
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
