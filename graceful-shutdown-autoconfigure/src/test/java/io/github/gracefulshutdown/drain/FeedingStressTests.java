package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TestWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.availability.ApplicationAvailability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;

/**
 * Stress tests for a drain that is fed: work in flight begets other work at random, on
 * its own thread and on others, while threads of which nobody knows submit work all the
 * time. The drain must wait for all descendants, and must end.
 *
 * @author The Graceful Shutdown authors
 */
@Tag("stress")
@Timeout(120)
class FeedingStressTests {

	private static final DrainPlan PLAN = new DrainPlan(Duration.ofHours(10), Duration.ofSeconds(1), Duration.ZERO,
			Duration.ofSeconds(1), Duration.ofHours(1));

	private final long firstSeed = new Random().nextLong(1_000_000);

	@Test
	void allDescendantsAreWaitedForAndTheDrainEnds() throws Exception {
		long end = System.nanoTime() + Duration.ofSeconds(8).toNanos();
		long foreign = 0;
		for (long seed = this.firstSeed; seed < this.firstSeed + 200 && System.nanoTime() < end; seed++) {
			foreign += new Round(seed).run();
		}
		assertThat(foreign).isPositive();
	}

	private static final class Round {

		private static final int SOURCES = 2;

		private static final int ROOTS = 3;

		private final InFlight inFlight = new InFlight();

		private final TestWorkload jobs = new TestWorkload("jobs", this.inFlight);

		private final ExecutorService executor = Executors.newCachedThreadPool();

		private final ExecutorService strangers = Executors.newCachedThreadPool();

		private final AtomicInteger descendants = new AtomicInteger();

		private final AtomicInteger refused = new AtomicInteger();

		private final AtomicInteger threads = new AtomicInteger();

		private final ThreadLocal<Random> random;

		private final long seed;

		private volatile boolean over;

		Round(long seed) {
			this.seed = seed;
			this.random = ThreadLocal.withInitial(() -> new Random(seed * 31 + this.threads.getAndIncrement()));
		}

		long run() throws Exception {
			for (int i = 0; i < ROOTS; i++) {
				descend(1 + random(20));
			}
			CompletableFuture<?>[] sources = new CompletableFuture<?>[SOURCES];
			for (int i = 0; i < SOURCES; i++) {
				sources[i] = CompletableFuture.runAsync(this::feed, this.strangers);
			}
			TestEngine engine = new TestEngine(PLAN, this.inFlight, () -> List.of(this.jobs),
					mock(ApplicationAvailability.class), (event) -> {
					}, Round::nanoTime);
			DrainSignal signal = new DrainSignal("test", nanoTime());
			DrainReport report = engine.coordinator()
				.drain(signal, PLAN.startingAt(signal.nanos(), Round::nanoTime), Thread.currentThread());
			assertThat(this.descendants).as(toString()).hasValue(0);
			assertThat(report.state()).as(toString()).isEqualTo(DrainState.DRAINED);
			this.over = true;
			CompletableFuture.allOf(sources).get(30, TimeUnit.SECONDS);
			await().untilAsserted(() -> assertThat(this.jobs.getInFlight()).as(toString()).isZero());
			assertThat(this.inFlight.countForeign()).as(toString()).isZero();
			assertThat(this.refused).as(toString()).hasValue(0);
			this.executor.shutdown();
			this.strangers.shutdown();
			return this.inFlight.getNotWaitedFor().accepted();
		}

		// A hundred times as fast, so that sources are noticed soon
		private static long nanoTime() {
			return System.nanoTime() * 100;
		}

		private void descend(int generations) {
			Work work = this.jobs.begin();
			this.descendants.incrementAndGet();
			this.executor.execute(() -> {
				work.attach();
				pause();
				if (random(3) == 0) {
					work.detach();
					this.strangers.execute(() -> beget(work, generations));
				}
				else {
					beget(work, generations);
				}
			});
		}

		private void beget(Work work, int generations) {
			pause();
			if (generations > 1) {
				descend(generations - 1);
			}
			this.descendants.decrementAndGet();
			work.end(WorkState.COMPLETED);
		}

		// The next work is accepted before the last ends
		private void feed() {
			while (!this.over) {
				Work work = this.jobs.tryBegin();
				LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random(2_000)));
				run(work);
			}
		}

		private void run(@Nullable Work work) {
			if (work == null) {
				return;
			}
			this.executor.execute(() -> {
				if (!work.attach()) {
					this.refused.incrementAndGet();
				}
				LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random(5_000)));
				if (random(3) == 0) {
					run(this.jobs.tryBegin());
				}
				work.end(WorkState.COMPLETED);
			});
		}

		private int random(int bound) {
			return this.random.get().nextInt(bound);
		}

		private void pause() {
			LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random(20_000)));
		}

		@Override
		public String toString() {
			return "Round with seed %d".formatted(this.seed);
		}

	}

}
