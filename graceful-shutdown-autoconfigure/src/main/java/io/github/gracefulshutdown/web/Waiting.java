package io.github.gracefulshutdown.web;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for a short time for a condition that nothing signals, such as the end of a
 * server's thread.
 *
 * @author The Graceful Shutdown authors
 */
public final class Waiting {

	private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

	private Waiting() {
	}

	/**
	 * Wait until a condition holds. An interrupt does not end the waiting, and is kept.
	 * @param condition evaluated about every 200 microseconds, at least once
	 * @param mostNanos how long to wait at the most, in nanoseconds
	 * @return whether the condition holds
	 */
	public static boolean until(BooleanSupplier condition, long mostNanos) {
		long begin = System.nanoTime();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - begin > mostNanos) {
				return false;
			}
			LockSupport.parkNanos(LOOK_NANOS);
		}
		return true;
	}

}
