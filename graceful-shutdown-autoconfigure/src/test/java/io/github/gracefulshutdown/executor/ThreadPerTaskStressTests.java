package io.github.gracefulshutdown.executor;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.DroppedTickets;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TestWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.core.task.SimpleAsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A job gives one task to an executor with a thread for each task, and ends. The drain
 * must not end before the task.
 *
 * @author The Graceful Shutdown authors
 */
@Tag("stress")
@Timeout(120)
class ThreadPerTaskStressTests {

	private static final int ROUNDS = Integer.getInteger("rounds", 300);

	static Named<?>[] limits() {
		return new Named<?>[] { kind("no limit", (executor) -> {
		}), kind("limit", (executor) -> executor.setConcurrencyLimit(10)), kind("limit that rejects", (executor) -> {
			executor.setConcurrencyLimit(10);
			executor.setRejectTasksWhenLimitReached(true);
		}) };
	}

	private static Named<?> kind(String name, Consumer<SimpleAsyncTaskExecutor> kind) {
		return Named.of(name, kind);
	}

	@ParameterizedTest
	@MethodSource("limits")
	void theDrainDoesNotEndBeforeTheTask(Consumer<SimpleAsyncTaskExecutor> limit) throws InterruptedException {
		for (int i = 0; i < ROUNDS; i++) {
			InFlight inFlight = new InFlight();
			TaskWorkload tasks = new TaskWorkload(inFlight, new DroppedTickets(inFlight, System::nanoTime),
					System::nanoTime);
			SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor();
			limit.accept(executor);
			Decorators.add(SimpleAsyncTaskExecutor.class, executor, executor::setTaskDecorator, "executor",
					() -> tasks.throttle(executor, "executor")::track);
			Work job = new TestWorkload("jobs", inFlight).begin();
			AtomicBoolean done = new AtomicBoolean();
			CountDownLatch submitted = new CountDownLatch(1);
			new Thread(() -> {
				executor.execute(() -> done.set(true));
				job.end(WorkState.COMPLETED);
				submitted.countDown();
			}).start();
			while (!inFlight.sealIfEmpty(tasks::isIdle)) {
				Thread.onSpinWait();
			}
			assertThat(done).as("round " + i).isTrue();
			assertThat(submitted.await(30, TimeUnit.SECONDS)).isTrue();
		}
	}

}
