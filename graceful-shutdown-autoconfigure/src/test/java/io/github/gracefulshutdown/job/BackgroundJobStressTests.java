package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Stress tests for {@link BackgroundJob}. The application is closed at a random moment,
 * while threads submit jobs, executors reject or drop them, and callers cancel them. Each
 * job must be accounted for exactly once, and none may begin after the drain.
 *
 * @author The Graceful Shutdown authors
 */
@Tag("stress")
class BackgroundJobStressTests {

	private final long firstSeed = new Random().nextLong(1_000_000);

	@Test
	void everyJobIsAccountedForExactlyOnce() {
		long end = System.nanoTime() + Duration.ofSeconds(7).toNanos();
		for (long seed = this.firstSeed; seed < this.firstSeed + 400 && System.nanoTime() < end; seed++) {
			StressRound round = new StressRound(seed, "30s", false, false);
			round.run();
			assertDrained(round);
		}
	}

	@Test
	void everyJobIsAccountedForExactlyOnceWhenExecutorsLoseSome() {
		for (long seed = this.firstSeed; seed < this.firstSeed + 2; seed++) {
			StressRound round = new StressRound(seed, "30s", true, false);
			round.run();
			assertDrained(round);
		}
	}

	@Test
	void everyJobIsAccountedForExactlyOnceWhenTheDeadlinePasses() {
		int expired = 0;
		for (long seed = this.firstSeed; seed < this.firstSeed + 15; seed++) {
			StressRound round = new StressRound(seed, "100ms", false, true);
			round.run();
			assertAccountedForOrAbandoned(round);
			expired += (round.getState() == DrainState.EXPIRED) ? 1 : 0;
		}
		assertThat(expired).isPositive();
	}

	private static void assertDrained(StressRound round) {
		assertAccountedFor(round);
		assertThat(round.getState()).as(round.toString()).isEqualTo(DrainState.DRAINED);
		assertThat(round.getJobs().begunAfterDrain).as(round.toString()).hasValue(0);
		assertThat(round.getCount(WorkState.COMPLETED)).as(round.toString()).isEqualTo(round.getJobs().completed.get());
		assertThat(round.getCount(WorkState.FAILED)).as(round.toString()).isEqualTo(round.getJobs().failed.get());
		assertThat(round.getCount(WorkState.ABANDONED)).as(round.toString()).isZero();
	}

	private static void assertAccountedFor(StressRound round) {
		assertAccountedForOrAbandoned(round);
		assertThat(round.getCount(WorkState.REJECTED)).as(round.toString()).isEqualTo(round.getJobs().rejected.get());
	}

	// A job may be reported as abandoned while it is on its way to its executor, which
	// then rejects it because it has been shut down
	private static void assertAccountedForOrAbandoned(StressRound round) {
		assertThat(Stream.of(WorkState.values()).filter(WorkState::isOutcome).mapToLong(round::getCount).sum())
			.as(round.toString())
			.isEqualTo(round.getJobs().accepted.get() + round.getJobs().rejected.get());
		assertThat(round.getCount(WorkState.REJECTED)).as(round.toString())
			.isLessThanOrEqualTo(round.getJobs().rejected.get());
		assertThat(round.getJobs().begunAfterClose).as(round.toString()).hasValue(0);
	}

}
