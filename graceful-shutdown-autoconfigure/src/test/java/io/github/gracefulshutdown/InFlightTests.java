package io.github.gracefulshutdown;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link InFlight} and {@link TrackedWorkload}: admission against the seal.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class InFlightTests {

	private static final int THREADS = 4;

	private static final int ROUNDS = 2000;

	private final ExecutorService executor = Executors.newFixedThreadPool(THREADS);

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
	}

	@Test
	void whenSealedEmptyNothingIsAdmittedAndNothingIsLost() throws Exception {
		for (int round = 0; round < ROUNDS; round++) {
			InFlight inFlight = new InFlight();
			TestWorkload workload = new TestWorkload("tests", inFlight);
			Admissions admissions = admit(workload);
			while (!inFlight.sealIfEmpty()) {
				Thread.onSpinWait();
			}
			long completedAtSeal = workload.getCount(WorkState.COMPLETED);
			admissions.stop();
			assertThat(completedAtSeal).isEqualTo(admissions.admitted.get());
			assertThat(workload.getCount(WorkState.COMPLETED)).isEqualTo(completedAtSeal);
			assertThat(workload.getCount(WorkState.REJECTED)).isEqualTo(admissions.rejected.get());
			assertThat(workload.getInFlight()).isZero();
		}
	}

	@Test
	void whenSealedAtTheDeadlineEveryAdmittedWorkIsCompletedOrNamedOnce() throws Exception {
		for (int round = 0; round < ROUNDS; round++) {
			InFlight inFlight = new InFlight();
			TestWorkload workload = new TestWorkload("tests", inFlight);
			Admissions admissions = admit(workload);
			inFlight.seal();
			List<WorkSnapshot> abandoned = workload.abandon();
			admissions.stop();
			assertThat(workload.getCount(WorkState.ABANDONED)).isEqualTo(abandoned.size());
			assertThat(workload.getCount(WorkState.COMPLETED) + abandoned.size()).isEqualTo(admissions.admitted.get());
			assertThat(workload.getCount(WorkState.REJECTED)).isEqualTo(admissions.rejected.get());
			assertThat(workload.getInFlight()).isZero();
			assertThat(inFlight.count()).isZero();
		}
	}

	private Admissions admit(TestWorkload workload) throws Exception {
		Admissions admissions = new Admissions(workload);
		for (int i = 0; i < THREADS; i++) {
			admissions.futures.add(this.executor.submit(admissions::run));
		}
		admissions.started.await();
		for (int i = ThreadLocalRandom.current().nextInt(500); i > 0; i--) {
			Thread.onSpinWait();
		}
		return admissions;
	}

	private static final class Admissions {

		private final CyclicBarrier started = new CyclicBarrier(THREADS + 1);

		private final CountDownLatch stopped = new CountDownLatch(1);

		private final List<Future<?>> futures = new ArrayList<>();

		private final AtomicLong admitted = new AtomicLong();

		private final AtomicLong rejected = new AtomicLong();

		private final TestWorkload workload;

		private final int most = ThreadLocalRandom.current().nextInt(1, 300);

		private Admissions(TestWorkload workload) {
			this.workload = workload;
		}

		private Object run() throws Exception {
			this.started.await();
			for (int i = 0; i < this.most && this.rejected.get() < THREADS && this.stopped.getCount() > 0; i++) {
				Work work = this.workload.tryBegin();
				if (work == null) {
					this.rejected.incrementAndGet();
				}
				else {
					this.admitted.incrementAndGet();
					work.run();
					work.end(WorkState.COMPLETED);
				}
			}
			return "done";
		}

		private void stop() throws Exception {
			this.stopped.countDown();
			for (Future<?> future : this.futures) {
				future.get();
			}
		}

	}

}
