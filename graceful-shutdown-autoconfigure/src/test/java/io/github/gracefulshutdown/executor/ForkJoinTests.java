package io.github.gracefulshutdown.executor;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.job.Gate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link ForkJoin}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class ForkJoinTests {

	private final ForkJoinPool executor = new ForkJoinPool(2);

	private final ForkJoin pool = new ForkJoin("test", this.executor, () -> 0, System::nanoTime);

	private final Gate loop = new Gate();

	private final Gate work = new Gate();

	@AfterEach
	void stop() {
		this.loop.open();
		this.work.open();
		this.executor.shutdown();
	}

	private ForkJoinTask<?> submit(Gate gate) {
		ForkJoinTask<?> task = this.executor.submit(gate::passStubbornly);
		gate.awaitArrivals(1);
		return task;
	}

	@Test
	void aTaskThatRanBetweenTwoLooksIsNoticed() {
		submit(this.work);
		this.work.open();
		await().until(this.executor::isQuiescent);
		assertThat(this.pool.isIdle()).isFalse();
		this.executor.submit(() -> {
		}).join();
		await().until(this.executor::isQuiescent);
		assertThat(this.pool.isIdle()).isFalse();
		assertThat(this.pool.isIdle()).isTrue();
	}

	@Test
	void aLoopIsExcusedAndATaskBesideItIsNot() {
		submit(this.loop);
		this.pool.excuseLoops();
		ForkJoinTask<?> task = submit(this.work);
		for (int i = 0; i < 10; i++) {
			assertThat(this.pool.isIdle()).isFalse();
		}
		this.work.open();
		task.join();
		await().atMost(30, TimeUnit.SECONDS).until(this.pool::isIdle);
		assertThat(this.loop.getArrived()).isOne();
		assertThat(this.pool.getInFlight()).isZero();
	}

	@Test
	void theWorkerOfATaskThatWasTakenForALoopIsNotExcused() {
		ForkJoinPool one = new ForkJoinPool(1);
		ForkJoin pool = new ForkJoin("pool", one, () -> 0, System::nanoTime);
		try {
			ForkJoinTask<?> first = one.submit(this.loop::passStubbornly);
			this.loop.awaitArrivals(1);
			pool.excuseLoops();
			one.execute(() -> passLater(this.work));
			this.loop.open();
			first.join();
			this.work.awaitArrivals(1);
			assertThat(pool.isIdle()).isFalse();
			assertThat(pool.isIdle()).isFalse();
		}
		finally {
			this.work.open();
			one.shutdown();
		}
	}

	private static void passLater(Gate gate) {
		gate.passStubbornly();
	}

	@Test
	void aTaskThatIsQueuedBehindALoopIsWaitedFor() {
		submit(this.loop);
		submit(this.work);
		this.pool.excuseLoops();
		ForkJoinTask<?> queued = this.executor.submit(() -> {
		});
		for (int i = 0; i < 10; i++) {
			assertThat(this.pool.isIdle()).isFalse();
		}
		this.work.open();
		queued.join();
		await().atMost(30, TimeUnit.SECONDS).until(this.pool::isIdle);
	}

}
