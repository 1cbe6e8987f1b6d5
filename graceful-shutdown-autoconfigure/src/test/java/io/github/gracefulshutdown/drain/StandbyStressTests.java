package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.NamedWorkload;
import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.tracking.InFlight;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Standby, resume and shutdown, called at once from many threads. In any order, no
 * workload takes in work in the end, and none is notified of a state that it is in.
 *
 * @author The Graceful Shutdown authors
 */
@Tag("stress")
@Timeout(300)
class StandbyStressTests {

	private static final int SEEDS = 500;

	private static final int THREADS = 4;

	private static final DrainPlan PLAN = new DrainPlan(Duration.ofSeconds(50), Duration.ofSeconds(1), Duration.ZERO,
			Duration.ofSeconds(1), Duration.ofSeconds(5));

	private final ExecutorService executor = Executors.newCachedThreadPool();

	@AfterEach
	void stop() {
		this.executor.shutdownNow();
	}

	@Test
	void nothingTakesInWorkInTheEnd() throws Exception {
		for (int seed = 0; seed < SEEDS; seed++) {
			new Round(seed).run();
		}
	}

	private final class Round {

		private final int seed;

		private final ApplicationAvailabilityBean availability = new ApplicationAvailabilityBean();

		private final List<Recorder> workloads = Stream.of("a", "b", "c").map(Recorder::new).toList();

		private final TestEngine engine;

		private final CyclicBarrier start = new CyclicBarrier(THREADS + 1);

		private final AtomicInteger drained = new AtomicInteger();

		private final AtomicInteger resumed = new AtomicInteger();

		Round(int seed) {
			this.seed = seed;
			this.engine = new TestEngine(PLAN, new InFlight(), () -> List.copyOf(this.workloads), this.availability,
					this::publish, System::nanoTime);
		}

		private void publish(Object event) {
			if (event instanceof AvailabilityChangeEvent<?> change) {
				this.availability.onApplicationEvent(change);
			}
		}

		void run() throws Exception {
			List<Future<?>> callers = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				Random random = new Random(this.seed * 31L + i);
				callers.add(StandbyStressTests.this.executor.submit(() -> standByAndResume(random)));
			}
			Random random = new Random(this.seed);
			publish(new AvailabilityChangeEvent<>(this, ReadinessState.ACCEPTING_TRAFFIC));
			this.start.await();
			LockSupport.parkNanos(random.nextInt(3_000_000));
			DrainReport report = TestEngine.drain(this.engine.coordinator(), "signal",
					PLAN.startingAt(System.nanoTime(), System::nanoTime));
			for (Future<?> caller : callers) {
				caller.get();
			}
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			assertThat(this.engine.coordinator().getState()).isEqualTo(DrainState.DRAINED);
			assertThat(this.workloads).as("seed %d", this.seed)
				.allSatisfy((workload) -> assertThat(workload.accepting).isFalse());
			assertThat(this.workloads).as("seed %d", this.seed)
				.allSatisfy((workload) -> assertThat(workload.repeated).hasValue(0));
			assertThat(this.availability.getReadinessState()).as("seed %d", this.seed)
				.isEqualTo(ReadinessState.REFUSING_TRAFFIC);
			assertThat(this.drained.get() - this.resumed.get()).isBetween(0, 1);
		}

		private void standByAndResume(Random random) {
			try {
				this.start.await();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
			for (int i = 0; i < 10; i++) {
				if (random.nextBoolean()) {
					count(this.drained, this.engine.standby().enter("test"));
				}
				else {
					count(this.resumed, this.engine.standby().leave());
				}
			}
		}

		private void count(AtomicInteger counter, boolean changed) {
			if (changed) {
				counter.incrementAndGet();
			}
		}

	}

	/**
	 * A workload that is slow to stop and to resume.
	 */
	private static final class Recorder extends NamedWorkload implements ResumableWorkload {

		private final AtomicInteger repeated = new AtomicInteger();

		private volatile boolean accepting = true;

		Recorder(String name) {
			super(name);
		}

		@Override
		public void stopAccepting() {
			accept(false);
		}

		@Override
		public void resumeAccepting() {
			accept(true);
		}

		private void accept(boolean accepting) {
			if (this.accepting == accepting) {
				this.repeated.incrementAndGet();
			}
			LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(100_000));
			this.accepting = accepting;
		}

	}

}
