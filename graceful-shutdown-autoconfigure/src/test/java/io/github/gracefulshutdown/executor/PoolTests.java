package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.github.gracefulshutdown.tracking.InFlight;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Pool}.
 *
 * @author The Graceful Shutdown authors
 */
class PoolTests {

	private final AtomicLong admitted = new AtomicLong();

	private final AtomicLong clock = new AtomicLong();

	private final TestPool pool = new TestPool(this.admitted, this.clock);

	@Test
	void withoutThreadsAPoolIsIdleAtOnce() {
		assertThat(this.pool.isIdle()).isTrue();
	}

	@Test
	void aPoolThatHasLookedIdleForAWhileIsIdle() {
		this.pool.threads = true;
		assertThat(this.pool.isIdle()).isFalse();
		assertThat(this.pool.isIdle()).isFalse();
		this.clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(5));
		assertThat(this.pool.isIdle()).isTrue();
	}

	@Test
	void aTaskThatWasNotSeenIsNoticed() {
		this.pool.threads = true;
		assertThat(this.pool.isIdle()).isFalse();
		this.clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(5));
		this.pool.run++;
		assertThat(this.pool.isIdle()).isFalse();
		this.clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(5));
		assertThat(this.pool.isIdle()).isTrue();
	}

	@Test
	void trackedWorkMayHaveGivenItATask() {
		this.pool.threads = true;
		assertThat(this.pool.isIdle()).isFalse();
		this.clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(5));
		this.admitted.incrementAndGet();
		assertThat(this.pool.isIdle()).isFalse();
		this.clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(5));
		assertThat(this.pool.isIdle()).isTrue();
	}

	@Test
	void aTaskThatIsSeenEndsTheQuietTime() {
		this.pool.threads = true;
		assertThat(this.pool.isIdle()).isFalse();
		this.pool.inFlight = 1;
		assertThat(this.pool.isIdle()).isFalse();
		this.pool.inFlight = 0;
		this.clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(5));
		assertThat(this.pool.isIdle()).isFalse();
	}

	@Test
	void aLookAtTheSignalDoesNotCountBecauseATaskMayBeOnItsWayLater() {
		ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
		try {
			executor.prestartAllCoreThreads();
			await().until(() -> executor.getActiveCount() == 0);
			PoolWorkload pools = new PoolWorkload(new InFlight(), this.clock::get);
			pools.add("pool", executor);
			pools.stopAccepting();
			this.clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
			assertThat(pools.isIdle()).isFalse();
			this.clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(5));
			assertThat(pools.isIdle()).isTrue();
		}
		finally {
			executor.shutdown();
		}
	}

	private static final class TestPool extends Pool {

		private long inFlight;

		private boolean threads;

		private long run;

		TestPool(AtomicLong admitted, AtomicLong clock) {
			super("test", Duration.ofMillis(5), admitted::get, clock::get);
		}

		@Override
		boolean isFor(Executor executor) {
			return false;
		}

		@Override
		long getInFlight() {
			return this.inFlight;
		}

		@Override
		boolean hasThreads() {
			return this.threads;
		}

		@Override
		long getRun() {
			return this.run;
		}

	}

}
