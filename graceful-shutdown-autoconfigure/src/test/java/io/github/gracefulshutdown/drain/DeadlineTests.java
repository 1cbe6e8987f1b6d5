package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Deadline}.
 *
 * @author The Graceful Shutdown authors
 */
class DeadlineTests {

	private final AtomicLong clock = new AtomicLong();

	@Test
	void remainingShrinksWithTheClock() {
		Deadline deadline = Deadline.in(Duration.ofNanos(10), this.clock::get);
		this.clock.set(7);
		assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(3));
		assertThat(deadline.isPast()).isFalse();
		this.clock.set(10);
		assertThat(deadline.isPast()).isTrue();
		this.clock.set(12);
		assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(-2));
	}

	@Test
	void earlierAndLaterAlsoWhereTheClockOverflows() {
		this.clock.set(Long.MAX_VALUE - 5);
		Deadline sooner = Deadline.in(Duration.ofNanos(3), this.clock::get);
		Deadline later = Deadline.in(Duration.ofNanos(10), this.clock::get);
		assertThat(sooner.earlierOf(later)).isSameAs(sooner);
		assertThat(later.earlierOf(sooner)).isSameAs(sooner);
		assertThat(sooner.laterOf(later)).isSameAs(later);
		assertThat(later.laterOf(sooner)).isSameAs(later);
		assertThat(later.isPast()).isFalse();
	}

}
