package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.context.support.GenericApplicationContext;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link ClosingWatch}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class ClosingWatchTests {

	private final GenericApplicationContext context = new GenericApplicationContext();

	private final JvmShutdown stoppingJvm = new JvmShutdown(new JdkSignals(), System::nanoTime, (status) -> {
	});

	ClosingWatchTests() {
		ReflectionTestUtils.setField(this.stoppingJvm, "nanos", 0L);
		this.context.refresh();
	}

	@Test
	void aThreadThatClosesTooSlowlyIsInterrupted() {
		watch(Duration.ofMillis(200));
		assertThatExceptionOfType(InterruptedException.class)
			.isThrownBy(() -> new CountDownLatch(1).await(20, TimeUnit.SECONDS));
		this.context.close();
	}

	@Test
	void aThreadThatHasClosedTheContextIsNotInterruptedAnyMore() {
		watch(Duration.ofMillis(500));
		this.context.close();
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().equals("drain-closing-watch")));
		assertThat(Thread.interrupted()).isFalse();
	}

	private void watch(Duration lastCall) {
		DrainPlan plan = new DrainPlan(lastCall, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1));
		new ClosingWatch(this.context, this.stoppingJvm, Duration.ofSeconds(30))
			.start(plan.startingAt(System.nanoTime(), System::nanoTime));
	}

}
