package io.github.gracefulshutdown;

import java.util.Comparator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Work}: every transition of {@link WorkState}.
 *
 * @author The Graceful Shutdown authors
 */
class WorkTests {

	private final InFlight inFlight = new InFlight();

	private final TestWorkload workload = new TestWorkload("tests", this.inFlight);

	private final Work work = this.workload.begin();

	@Test
	void beginsQueued() {
		assertThat(this.work.getState()).isEqualTo(WorkState.QUEUED);
		assertThat(this.workload.getInFlight()).isEqualTo(1);
	}

	@Test
	void runsWaitsAndRunsAgain() {
		assertThat(this.work.run()).isTrue();
		assertThat(this.work.getState()).isEqualTo(WorkState.RUNNING);
		assertThat(this.work.snapshot(true).thread()).isEqualTo(Thread.currentThread().getName());
		assertThat(this.work.snapshot(true).stack()).isNotEmpty();
		this.work.await();
		assertThat(this.work.getState()).isEqualTo(WorkState.WAITING);
		assertThat(this.work.snapshot(true).thread()).isNull();
		assertThat(this.work.run()).isTrue();
		assertThat(this.work.getState()).isEqualTo(WorkState.RUNNING);
	}

	@ParameterizedTest
	@EnumSource(names = { "COMPLETED", "FAILED", "CANCELLED", "ABANDONED", "REJECTED" })
	void endsOnceWhateverTheOutcome(WorkState outcome) {
		assertThat(this.work.end(outcome)).isTrue();
		assertThat(this.work.end(WorkState.FAILED)).isFalse();
		assertThat(this.work.getState()).isEqualTo(outcome);
		assertThat(this.workload.getCount(outcome)).isEqualTo(1);
		assertThat(this.workload.getInFlight()).isZero();
		assertThat(this.inFlight.count()).isZero();
	}

	@Test
	void doesNotRunOnceEnded() {
		this.work.end(WorkState.ABANDONED);
		assertThat(this.work.run()).isFalse();
		this.work.await();
		this.work.cancel();
		assertThat(this.work.getState()).isEqualTo(WorkState.ABANDONED);
	}

	@Test
	void isDiscardedOnlyIfNotBegun() {
		Work begun = this.workload.begin();
		begun.run();
		assertThat(begun.discard(WorkState.CANCELLED)).isFalse();
		assertThat(begun.getState()).isEqualTo(WorkState.RUNNING);
		assertThat(this.work.discard(WorkState.CANCELLED)).isTrue();
		assertThat(this.work.run()).isFalse();
		assertThat(this.workload.getInFlight()).isEqualTo(1);
	}

	@Test
	void cancelInterruptsOnlyWhatRuns() {
		this.work.cancel();
		assertThat(this.work.isCancelled()).isFalse();
		this.work.run();
		this.work.cancel();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(this.work.isCancelled()).isTrue();
		assertThat(this.work.getState()).isEqualTo(WorkState.RUNNING);
		this.work.await();
		this.work.cancel();
		assertThat(Thread.interrupted()).isFalse();
	}

	@Test
	void theOldestWorkIsDescribedFirst() {
		for (int i = 0; i < 10; i++) {
			this.workload.begin();
		}
		this.work.run();
		assertThat(this.workload.describe(3)).hasSize(3)
			.isSortedAccordingTo(Comparator.comparing(WorkSnapshot::age).reversed())
			.first()
			.satisfies((oldest) -> assertThat(oldest.state()).isEqualTo(WorkState.RUNNING));
	}

	@Test
	void theInterruptNeverComesAfterTheEnd() throws Exception {
		CountDownLatch done = new CountDownLatch(1);
		AtomicInteger late = new AtomicInteger();
		AtomicReference<Work> current = new AtomicReference<>();
		AtomicBoolean stop = new AtomicBoolean();
		Thread canceller = new Thread(() -> {
			while (!stop.get()) {
				Work running = current.get();
				if (running != null) {
					running.cancel();
				}
			}
			done.countDown();
		});
		canceller.start();
		for (int round = 0; round < 100_000; round++) {
			Work raced = this.workload.begin();
			raced.run();
			current.set(raced);
			raced.end(WorkState.COMPLETED);
			Thread.interrupted();
			for (int i = 0; i < 20; i++) {
				Thread.onSpinWait();
			}
			if (Thread.interrupted()) {
				late.incrementAndGet();
			}
		}
		stop.set(true);
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(late).hasValue(0);
	}

}
