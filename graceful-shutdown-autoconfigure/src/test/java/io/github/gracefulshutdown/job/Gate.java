package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Jobs wait at the gate until the test opens it.
 *
 * @author The Graceful Shutdown authors
 */
public class Gate {

	public static final Duration LIMIT = Duration.ofSeconds(30);

	private final AtomicInteger arrived = new AtomicInteger();

	private final AtomicInteger interrupts = new AtomicInteger();

	private final CountDownLatch open = new CountDownLatch(1);

	public void pass() throws InterruptedException {
		this.arrived.incrementAndGet();
		try {
			assertThat(this.open.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("the gate is open").isTrue();
		}
		catch (InterruptedException ex) {
			this.interrupts.incrementAndGet();
			throw ex;
		}
	}

	/**
	 * Pass, however often the thread is interrupted.
	 */
	public void passStubbornly() {
		while (true) {
			try {
				pass();
				return;
			}
			catch (InterruptedException ex) {
				// The wait must go on
			}
		}
	}

	public void open() {
		this.open.countDown();
	}

	public void awaitArrivals(int number) {
		await().atMost(LIMIT).until(() -> this.arrived.get() >= number);
	}

	public int getArrived() {
		return this.arrived.get();
	}

	public int getInterrupts() {
		return this.interrupts.get();
	}

}
