package io.github.gracefulshutdown.tracking;

import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link InFlight} and {@link TrackedWorkload}: admission against the seal.
 *
 * @author The Graceful Shutdown authors
 */
@Tag("stress")
@Timeout(120)
class InFlightTests {

	private static final int ROUNDS = 50_000;

	/**
	 * Where other processes have the cores, a round can last for a time slice of each.
	 */
	private static final long LIMIT = TimeUnit.SECONDS.toNanos(10);

	private final ExecutorService executor = Executors.newSingleThreadExecutor();

	private final long begin = System.nanoTime();

	private volatile @Nullable Round current;

	private volatile boolean over;

	@AfterEach
	void stop() {
		this.executor.shutdownNow();
	}

	@Test
	void admitsUntilSealed() {
		InFlight inFlight = new InFlight();
		assertThat(inFlight.enter()).isTrue();
		assertThat(inFlight.sealIfEmpty()).isFalse();
		inFlight.leave();
		assertThat(inFlight.sealIfEmpty()).isTrue();
		assertThat(inFlight.enter()).isFalse();
		assertThat(inFlight.count()).isZero();
	}

	/**
	 * What came may have handed over to work that is not tracked, after that was looked
	 * at.
	 */
	@Test
	void isNotSealedIfWorkCameAndWentDuringALookAtOtherWork() {
		InFlight inFlight = new InFlight();
		assertThat(inFlight.sealIfEmpty(() -> {
			inFlight.enter();
			inFlight.leave();
			return true;
		})).isFalse();
		assertThat(inFlight.sealIfEmpty(() -> false)).isFalse();
		assertThat(inFlight.enter()).isTrue();
		assertThat(inFlight.sealIfEmpty(() -> {
			inFlight.leave();
			return true;
		})).isFalse();
		assertThat(inFlight.sealIfEmpty(() -> true)).isTrue();
	}

	@Test
	void admitsWorkHoweverMuchThereHasBeen() {
		InFlight inFlight = new InFlight();
		AtomicLong word = (AtomicLong) Objects.requireNonNull(ReflectionTestUtils.getField(inFlight, "word"));
		word.set(0x7FFF_FFFF_0000_0003L);
		assertThat(inFlight.enter()).isTrue();
		assertThat(inFlight.isSealed()).isFalse();
		assertThat(inFlight.count()).isEqualTo(4);
	}

	@Test
	void wakeUpIsNotLostWhenSomethingElseTakesThePermit() {
		InFlight inFlight = new InFlight();
		AtomicInteger checks = new AtomicInteger();
		long begin = System.nanoTime();
		inFlight.await(() -> {
			boolean first = (checks.getAndIncrement() == 0);
			if (first) {
				inFlight.wake();
				LockSupport.park();
			}
			return !first;
		}, () -> TimeUnit.SECONDS.toNanos(60));
		assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(30));
	}

	@Test
	void theWaitEndsWhenNoTimeIsLeft() {
		InFlight inFlight = new InFlight();
		Iterator<Long> pauses = List.of(1L, 1L, 0L).iterator();
		assertThat(inFlight.await(() -> false, pauses::next)).isFalse();
		assertThat(pauses.hasNext()).isFalse();
	}

	@Test
	void anInterruptDoesNotEndTheWaitAndStaysPending() {
		InFlight inFlight = new InFlight();
		AtomicInteger checks = new AtomicInteger();
		Thread.currentThread().interrupt();
		assertThat(inFlight.await(() -> checks.incrementAndGet() == 3, () -> 1)).isTrue();
		assertThat(Thread.interrupted()).isTrue();
	}

	/**
	 * Two threads end the last two pieces of work at the same time. If neither woke up
	 * the waiter, it would wait for longer than this test may take.
	 */
	@Test
	void theEndOfTheLastWorkWakesUpTheWaiter() throws Exception {
		ExecutorService ends = Executors.newFixedThreadPool(2);
		try {
			for (int i = 0; isToRun(i, ROUNDS); i++) {
				Round round = new Round();
				Future<?> one = ends.submit(ending(round));
				Future<?> other = ends.submit(ending(round));
				round.inFlight.await(() -> round.inFlight.sealIfEmpty(round.workload::isIdle),
						() -> TimeUnit.HOURS.toNanos(1));
				one.get();
				other.get();
				assertThat(round.workload.getCount(WorkState.COMPLETED)).isEqualTo(2);
			}
		}
		finally {
			ends.shutdownNow();
		}
	}

	/**
	 * One thread begins work and then ends earlier work, so that work is in flight at
	 * every moment.
	 */
	@Test
	void isNotSeenAsNothingWhileWorkStartsOtherWork() throws Exception {
		for (int i = 0; isToRun(i, ROUNDS); i++) {
			Round round = new Round();
			Runnable end = ending(round);
			Future<?> going = this.executor.submit(() -> {
				round.workload.begin();
				end.run();
			});
			while (!going.isDone()) {
				assertThat(round.workload.getInFlight()).isPositive();
			}
			going.get();
		}
	}

	private boolean isToRun(int round, int rounds) {
		return round < rounds && System.nanoTime() - this.begin < LIMIT;
	}

	private static Runnable ending(Round round) {
		Work work = Objects.requireNonNull(round.workload.tryBegin());
		int spins = ThreadLocalRandom.current().nextInt(100);
		return () -> {
			for (int i = 0; i < spins; i++) {
				Thread.onSpinWait();
			}
			work.end(WorkState.COMPLETED);
		};
	}

	@Test
	void sealedWithWorkInFlightStillCountsItsEnd() {
		InFlight inFlight = new InFlight();
		inFlight.enter();
		inFlight.enter();
		inFlight.seal();
		assertThat(inFlight.enter()).isFalse();
		assertThat(inFlight.count()).isEqualTo(2);
		inFlight.leave();
		assertThat(inFlight.count()).isEqualTo(1);
		assertThat(inFlight.isSealed()).isTrue();
		inFlight.leave();
		assertThat(inFlight.count()).isZero();
	}

	@Test
	void admittedWorkIsCounted() {
		InFlight inFlight = new InFlight();
		inFlight.enter();
		inFlight.leave();
		inFlight.enter();
		assertThat(inFlight.getAdmitted()).isEqualTo(2);
		inFlight.seal();
		inFlight.enter();
		assertThat(inFlight.getAdmitted()).isEqualTo(2);
	}

	/**
	 * Two threads in turn begin work before they end the work of the other, so that work
	 * is in flight at every moment.
	 */
	@Test
	void isNotSealedWhileWorkStartsWorkOnAnotherThread() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(2);
		try {
			for (int i = 0; isToRun(i, ROUNDS / 2); i++) {
				Chain chain = new Chain();
				Future<Boolean> even = threads.submit(() -> chain.run(0));
				Future<Boolean> odd = threads.submit(() -> chain.run(1));
				for (int spins = ThreadLocalRandom.current().nextInt(50); spins > 0; spins--) {
					Thread.yield();
				}
				while (!chain.inFlight.sealIfEmpty()) {
					Thread.yield();
				}
				assertThat(even.get()).as("all was admitted").isTrue();
				assertThat(odd.get()).as("all was admitted").isTrue();
				assertThat(chain.inFlight.count()).isZero();
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	/**
	 * One thread admits and completes work all the time. The other seals as soon as
	 * nothing is in flight.
	 */
	@Test
	void whenSealedEmptyNothingIsInFlightAndNothingIsAdmittedAnyMore() throws Exception {
		Future<?> admitting = this.executor.submit(() -> {
			Round last = null;
			while (!this.over) {
				Round round = this.current;
				if (round != null && round != last) {
					while (complete(round.workload)) {
						round.completed++;
					}
					round.finished = true;
					last = round;
				}
			}
		});
		for (int i = 0; isToRun(i, ROUNDS / 5); i++) {
			Round round = begin();
			while (!round.inFlight.sealIfEmpty()) {
				Thread.onSpinWait();
			}
			long completedAtSeal = round.workload.getCount(WorkState.COMPLETED);
			finish(round);
			assertThat(round.completed).isEqualTo(completedAtSeal);
			assertThat(round.inFlight.count()).isZero();
		}
		this.over = true;
		admitting.get(20, TimeUnit.SECONDS);
	}

	/**
	 * One thread admits work that never ends. Meanwhile the other seals and abandons.
	 */
	@Test
	void whenAbandonedAllThatWasAdmittedIsNamed() throws Exception {
		Future<?> admitting = this.executor.submit(() -> {
			Round last = null;
			while (!this.over) {
				Round round = this.current;
				if (round != null && round != last) {
					while (round.workload.tryBegin() != null) {
						round.completed++;
					}
					round.finished = true;
					last = round;
				}
			}
		});
		for (int i = 0; isToRun(i, ROUNDS); i++) {
			Round round = begin();
			for (int spins = ThreadLocalRandom.current().nextInt(20); spins > 0; spins--) {
				Thread.onSpinWait();
			}
			round.inFlight.seal();
			List<WorkSnapshot> abandoned = round.workload.abandon();
			finish(round);
			assertThat(abandoned).hasSize(round.completed);
			assertThat(round.inFlight.count()).isZero();
			assertThat(round.workload.getInFlight()).isZero();
		}
		this.over = true;
		admitting.get(20, TimeUnit.SECONDS);
	}

	private static boolean complete(TestWorkload workload) {
		Work work = workload.tryBegin();
		return work != null && work.end(WorkState.COMPLETED);
	}

	private Round begin() {
		Round round = new Round();
		this.current = round;
		return round;
	}

	private static void finish(Round round) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		while (!round.finished) {
			if (System.nanoTime() - end > 0) {
				throw new AssertionError("Admission does not end");
			}
			Thread.yield();
		}
	}

	private static final class Chain {

		private static final int LENGTH = 20;

		private final InFlight inFlight = new InFlight();

		private volatile int length;

		Chain() {
			this.inFlight.enter();
		}

		boolean run(int turn) {
			for (int mine = turn; mine < LENGTH; mine += 2) {
				while (this.length < mine) {
					Thread.yield();
				}
				if (!extend(mine + 1)) {
					return false;
				}
			}
			return true;
		}

		private boolean extend(int length) {
			boolean admitted = this.inFlight.enter();
			if (admitted) {
				this.inFlight.leave();
				if (length == LENGTH) {
					this.inFlight.leave();
				}
			}
			this.length = admitted ? length : LENGTH;
			return admitted;
		}

	}

	private static final class Round {

		private final InFlight inFlight = new InFlight();

		private final TestWorkload workload = new TestWorkload("tests", this.inFlight);

		private volatile boolean finished;

		private int completed;

	}

}
