package io.github.gracefulshutdown.tracking;

import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Work}: every transition of {@link WorkState}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class WorkTests {

	private final InFlight inFlight = new InFlight();

	private final TestWorkload workload = new TestWorkload("tests", this.inFlight);

	private final Work work = this.workload.begin();

	@Test
	void queuedWorkDoesNotBeginAfterTheSealEvenBeforeItIsAbandoned() {
		InFlight inFlight = new InFlight();
		TestWorkload workload = new TestWorkload("jobs", inFlight);
		Work queued = workload.begin();
		Work queuedWithoutThread = workload.begin();
		Work waiting = workload.begin();
		waiting.beginDetached();
		inFlight.seal();
		assertThat(queued.attach()).isFalse();
		assertThat(queuedWithoutThread.beginDetached()).isFalse();
		assertThat(waiting.attach()).isTrue();
		assertThat(workload.abandon()).extracting(WorkSnapshot::state)
			.containsExactlyInAnyOrder(WorkState.QUEUED, WorkState.QUEUED, WorkState.RUNNING);
	}

	@Test
	void otherThreadsMaySubmitWorkForWorkThatHasThem() {
		InFlight inFlight = new InFlight();
		TestWorkload workload = new TestWorkload("intakes", inFlight);
		Work work = new Work(workload) {

			@Override
			protected boolean hasOtherThreads() {
				return true;
			}

		};
		assertThat(workload.tryAdmit(work)).isTrue();
		work.attach();
		inFlight.waitOnlyForDescendants(() -> false);
		assertThat(CompletableFuture.supplyAsync(inFlight::isForeign).join()).isFalse();
		work.end(WorkState.COMPLETED);
		assertThat(CompletableFuture.supplyAsync(inFlight::isForeign).join()).isTrue();
	}

	@Test
	void aSnapshotTellsWhenTheWorkBegan() {
		AtomicLong clock = new AtomicLong();
		TestWorkload workload = new TestWorkload("jobs", new InFlight(), clock::get);
		Work work = workload.begin();
		clock.set(3_000_000_000L);
		assertThat(workload.describe(1)).singleElement().satisfies((queued) -> {
			assertThat(queued.age()).isEqualTo(Duration.ofSeconds(3));
			assertThat(queued.running()).isNull();
		});
		work.attach();
		clock.set(5_000_000_000L);
		assertThat(workload.describe(1)).singleElement().satisfies((running) -> {
			assertThat(running.age()).isEqualTo(Duration.ofSeconds(5));
			assertThat(running.running()).isEqualTo(Duration.ofSeconds(2));
		});
	}

	@Test
	void beginsQueued() {
		assertThat(this.work.getState()).isEqualTo(WorkState.QUEUED);
		assertThat(this.workload.getInFlight()).isEqualTo(1);
	}

	@Test
	void runsWaitsAndRunsAgain() {
		assertThat(this.work.attach()).isTrue();
		assertThat(this.work.getState()).isEqualTo(WorkState.RUNNING);
		assertThat(this.work.snapshot(true).thread()).isEqualTo(Thread.currentThread().getName());
		assertThat(this.work.snapshot(true).stack()).isNotEmpty();
		this.work.detach();
		assertThat(this.work.getState()).isEqualTo(WorkState.WAITING);
		assertThat(this.work.snapshot(true).thread()).isNull();
		assertThat(this.work.attach()).isTrue();
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
		assertThat(this.work.attach()).isFalse();
		this.work.detach();
		this.work.cancel();
		assertThat(this.work.getState()).isEqualTo(WorkState.ABANDONED);
	}

	@Test
	void isDiscardedOnlyIfNotBegun() {
		Work begun = this.workload.begin();
		begun.attach();
		assertThat(begun.discard(WorkState.CANCELLED)).isFalse();
		assertThat(begun.getState()).isEqualTo(WorkState.RUNNING);
		assertThat(this.work.discard(WorkState.CANCELLED)).isTrue();
		assertThat(this.work.attach()).isFalse();
		assertThat(this.workload.getInFlight()).isEqualTo(1);
	}

	@Test
	void cancelInterruptsRunningWorkOnly() {
		this.work.cancel();
		assertThat(this.work.isCancelled()).isFalse();
		this.work.attach();
		this.work.cancel();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(this.work.isCancelled()).isTrue();
		assertThat(this.work.getState()).isEqualTo(WorkState.RUNNING);
		this.work.detach();
		this.work.cancel();
		assertThat(Thread.interrupted()).isFalse();
	}

	@Test
	void theOldestWorkIsDescribedFirst() {
		for (int i = 0; i < 10; i++) {
			this.workload.begin();
		}
		this.work.attach();
		assertThat(this.workload.describe(3)).hasSize(3)
			.isSortedAccordingTo(Comparator.comparing(WorkSnapshot::age).reversed())
			.first()
			.satisfies((oldest) -> assertThat(oldest.state()).isEqualTo(WorkState.RUNNING));
	}

	@Test
	void cannotEndWhileItsThreadIsBeingInterrupted() throws Exception {
		CountDownLatch interrupting = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		CountDownLatch running = new CountDownLatch(1);
		Thread worker = new Thread(() -> {
			this.work.attach();
			running.countDown();
			awaitUninterruptibly(interrupting);
			this.work.end(WorkState.COMPLETED);
		}) {

			@Override
			public void interrupt() {
				interrupting.countDown();
				awaitUninterruptibly(goOn);
				super.interrupt();
			}

		};
		worker.start();
		running.await();
		Thread canceller = new Thread(this.work::cancel);
		canceller.start();
		interrupting.await();
		await().during(Duration.ofMillis(300)).until(() -> this.work.getState() == WorkState.INTERRUPTING);
		assertThat(this.work.snapshot(false).state()).isEqualTo(WorkState.RUNNING);
		goOn.countDown();
		worker.join();
		assertThat(this.work.getState()).isEqualTo(WorkState.COMPLETED);
		canceller.join();
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		boolean open = false;
		while (!open) {
			try {
				latch.await();
				open = true;
			}
			catch (InterruptedException ex) {
				// The wait must go on
			}
		}
	}

}
