package io.github.gracefulshutdown.tracking;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Settling}.
 *
 * @author The Graceful Shutdown authors
 */
class SettlingTests {

	private final AtomicLong clock = new AtomicLong();

	private final Settling settling = new Settling(Duration.ofNanos(10), this.clock::get);

	@Test
	void twoIdleLooksWithTheQuietTimeBetweenThemSettle() {
		assertThat(this.settling.look(true, 1)).isFalse();
		this.clock.addAndGet(9);
		assertThat(this.settling.look(true, 1)).isFalse();
		this.clock.addAndGet(1);
		assertThat(this.settling.look(true, 1)).isTrue();
	}

	@Test
	void oneLookDoesNotSettle() {
		this.clock.addAndGet(10);
		assertThat(this.settling.look(true, 1)).isFalse();
	}

	@Test
	void activityStartsTheQuietTimeAgain() {
		this.settling.look(true, 1);
		this.clock.addAndGet(10);
		assertThat(this.settling.look(true, 2)).isFalse();
		this.clock.addAndGet(10);
		assertThat(this.settling.look(true, 2)).isTrue();
	}

	@Test
	void aBusyLookIsNotTheFirstOfTheTwo() {
		this.settling.look(true, 1);
		assertThat(this.settling.look(false, 1)).isFalse();
		this.clock.addAndGet(10);
		assertThat(this.settling.look(true, 1)).isFalse();
		this.clock.addAndGet(10);
		assertThat(this.settling.look(true, 1)).isTrue();
	}

}
