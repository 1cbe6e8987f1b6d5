package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.GracefulShutdown;
import org.jspecify.annotations.Nullable;

/**
 * The moment in which the application begins to stop, for all jobs of one workload.
 * Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class Stopping {

	private final CountDownLatch begun = new CountDownLatch(1);

	private final GracefulShutdown shutdown;

	/**
	 * Create an instance.
	 * @param shutdown knows the time until the deadline
	 */
	public Stopping(GracefulShutdown shutdown) {
		this.shutdown = shutdown;
	}

	/**
	 * The application begins to stop.
	 */
	public void begin() {
		this.begun.countDown();
	}

	public boolean isBegun() {
		return this.begun.getCount() == 0;
	}

	boolean await(Duration most) throws InterruptedException {
		return this.begun.await(most.toNanos(), TimeUnit.NANOSECONDS);
	}

	@Nullable Duration remaining() {
		return this.shutdown.remaining();
	}

}
