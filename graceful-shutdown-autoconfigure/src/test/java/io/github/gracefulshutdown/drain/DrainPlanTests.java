package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DrainPlan}.
 *
 * @author The Graceful Shutdown authors
 */
class DrainPlanTests {

	private final AtomicLong clock = new AtomicLong();

	private final DrainPlan plan = new DrainPlan(Duration.ofSeconds(30), Duration.ofSeconds(2), Duration.ofSeconds(5),
			Duration.ofSeconds(3), Duration.ofSeconds(5));

	@Test
	void instantsCountFromTheSignal() {
		this.clock.set(Duration.ofSeconds(4).toNanos());
		Timetable timetable = this.plan.startingAt(0, this.clock::get);
		assertThat(timetable.signal().remaining()).hasSeconds(-4);
		assertThat(timetable.lameDuckEnd().remaining()).hasSeconds(1);
		assertThat(timetable.cancelAt().remaining()).hasSeconds(21);
		assertThat(timetable.deadline().remaining()).hasSeconds(24);
		assertThat(timetable.lastCall().remaining()).hasMillis(25_500);
		assertThat(timetable.kill().remaining()).hasSeconds(26);
	}

	@Test
	void closingMayUseTheTimeUpToTheDeadlineAndThenHalfOfTheRest() {
		Timetable timetable = this.plan.startingAt(0, this.clock::get);
		assertThat(timetable.closingBudget()).hasSeconds(28);
		this.clock.set(Duration.ofSeconds(28).toNanos());
		assertThat(timetable.closingBudget()).hasMillis(750);
		this.clock.set(Duration.ofMillis(29_250).toNanos());
		assertThat(timetable.closingBudget()).hasMillis(125);
		this.clock.set(Duration.ofSeconds(40).toNanos());
		assertThat(timetable.closingBudget()).isZero();
	}

}
