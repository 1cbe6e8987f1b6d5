package io.github.gracefulshutdown.web;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Waiting}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class WaitingTests {

	@Test
	void theWaitEndsWhenTheConditionHolds() {
		AtomicInteger looks = new AtomicInteger();
		assertThat(Waiting.until(() -> looks.incrementAndGet() == 3, TimeUnit.MINUTES.toNanos(2))).isTrue();
		assertThat(looks).hasValue(3);
	}

	@Test
	void aConditionThatHoldsIsEvaluatedOnceEvenWithoutTime() {
		AtomicInteger looks = new AtomicInteger();
		assertThat(Waiting.until(() -> looks.incrementAndGet() == 1, 0)).isTrue();
		assertThat(looks).hasValue(1);
	}

	@Test
	void theWaitEndsWhenTheTimeIsUp() {
		assertThat(Waiting.until(() -> false, TimeUnit.MILLISECONDS.toNanos(5))).isFalse();
	}

	@Test
	void anInterruptIsKeptAndDoesNotEndTheWait() {
		AtomicInteger looks = new AtomicInteger();
		Thread.currentThread().interrupt();
		assertThat(Waiting.until(() -> looks.incrementAndGet() == 3, TimeUnit.MINUTES.toNanos(2))).isTrue();
		assertThat(Thread.interrupted()).isTrue();
	}

}
