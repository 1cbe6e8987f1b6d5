package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Guard}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class GuardTests {

	private final Guard guard = new Guard(System::nanoTime);

	@AfterEach
	void close() {
		this.guard.close();
	}

	@Test
	void oneThreadMakesAllCalls() {
		Thread first = thread(Duration.ofSeconds(20));
		assertThat(first).isNotSameAs(Thread.currentThread());
		assertThat(thread(Duration.ofSeconds(20))).isSameAs(first);
	}

	@Test
	void aCallThatHangsDoesNotHoldTheNext() {
		Thread first = thread(Duration.ofSeconds(20));
		CountDownLatch never = new CountDownLatch(1);
		String answer = this.guard.call("hanging", "fallback", Deadline.in(Duration.ofMillis(1), System::nanoTime),
				() -> {
					never.await();
					return "too late";
				});
		assertThat(answer).isEqualTo("fallback");
		assertThat(thread(Duration.ofSeconds(20))).isNotSameAs(Thread.currentThread()).isNotSameAs(first);
		never.countDown();
	}

	@Test
	void aThreadThatWasLeftInterruptedMakesTheNextCallUninterrupted() {
		this.guard.run("interrupting", Deadline.in(Duration.ofSeconds(20), System::nanoTime),
				() -> Thread.currentThread().interrupt());
		assertThat(this.guard.<Boolean>call("next", true, Deadline.in(Duration.ofSeconds(20), System::nanoTime),
				Thread::interrupted))
			.isFalse();
	}

	private Thread thread(Duration timeout) {
		return this.guard.call("thread", Thread.currentThread(), Deadline.in(timeout, System::nanoTime),
				Thread::currentThread);
	}

}
