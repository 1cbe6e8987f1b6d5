package io.github.gracefulshutdown.durable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DurableStatistics}.
 *
 * @author The Graceful Shutdown authors
 */
class DurableStatisticsTests {

	private final AtomicLong nanos = new AtomicLong();

	private final AtomicInteger calls = new AtomicInteger();

	private volatile boolean away;

	private final DurableStatistics statistics = new DurableStatistics(
			new DurableJobDefinitions(new JobJson(), (text) -> text), this::count, this.nanos::get);

	private List<JobCount> count() {
		int call = this.calls.incrementAndGet();
		if (this.away) {
			throw new IllegalStateException("away");
		}
		return List.of(new JobCount("unknown", DurableJobState.QUEUED, call, -5),
				new JobCount("also unknown", DurableJobState.QUEUED, 10, 7));
	}

	private double queued() {
		return this.statistics.getCount(DurableStatistics.OTHER, DurableJobState.QUEUED);
	}

	private void awaitQueued(double number) {
		Awaitility.await().until(() -> queued() == number);
	}

	@Test
	void theStoreIsAskedOnlyForReadersAndNotTooOften() {
		assertThat(this.calls).hasValue(0);
		awaitQueued(11);
		assertThat(this.statistics.getOldestMillis(DurableStatistics.OTHER)).isEqualTo(7);
		assertThat(this.statistics.getCount(DurableStatistics.OTHER, DurableJobState.DEAD)).isZero();
		this.nanos.addAndGet(Duration.ofSeconds(9).toNanos());
		assertThat(queued()).isEqualTo(11);
		assertThat(this.calls).hasValue(1);
		this.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
		awaitQueued(12);
		assertThat(this.calls).hasValue(2);
	}

	@Test
	void theLastNumbersStayWhileTheStoreIsAway() {
		awaitQueued(11);
		this.away = true;
		this.nanos.addAndGet(Duration.ofSeconds(11).toNanos());
		assertThat(queued()).isEqualTo(11);
		Awaitility.await().until(() -> this.calls.get() == 2);
		assertThat(queued()).isEqualTo(11);
		this.away = false;
		this.nanos.addAndGet(Duration.ofSeconds(11).toNanos());
		awaitQueued(13);
	}

}
