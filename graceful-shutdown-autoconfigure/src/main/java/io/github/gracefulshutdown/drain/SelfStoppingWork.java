package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.tracking.TrackedWorkload;

/**
 * Work that stops the application itself: it closes the context, or calls
 * {@code System.exit}. Its thread waits for the end of the drain, so the drain must not
 * wait for it. For the thread that drains, unless otherwise noted.
 *
 * @author The Graceful Shutdown authors
 */
final class SelfStoppingWork {

	/**
	 * How often to look for work that asks the JVM to exit, once the JVM does so.
	 */
	private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

	private final Workloads workloads;

	private final LongSupplier clock;

	private Deadline nextLook;

	private volatile boolean excused;

	SelfStoppingWork(Workloads workloads, LongSupplier clock) {
		this.workloads = workloads;
		this.clock = clock;
		this.nextLook = Deadline.in(Duration.ZERO, clock);
	}

	/**
	 * Do not wait for the work of a thread.
	 * @param closingThread the thread that closes the context
	 */
	void excuse(Thread closingThread) {
		excuse(closingThread::equals);
	}

	/**
	 * Do not wait for work that calls {@code System.exit}, maybe in the middle of the
	 * drain.
	 */
	void excuseExiting() {
		if (this.nextLook.isPast()) {
			this.nextLook = Deadline.in(LOOK_INTERVAL, this.clock);
			if (JvmShutdown.areHooksStarted()) {
				excuse(SelfStoppingWork::isExiting);
			}
		}
	}

	private void excuse(Predicate<Thread> threads) {
		for (Workload workload : this.workloads.all()) {
			if (workload instanceof TrackedWorkload<?> tracked && tracked.excuse(threads)) {
				this.excused = true;
			}
		}
	}

	private static boolean isExiting(Thread thread) {
		return Arrays.stream(thread.getStackTrace())
			.anyMatch((frame) -> frame.getClassName().equals("java.lang.Shutdown"));
	}

	/**
	 * Return whether there was such work. For all threads.
	 * @return whether a thread waits for the end of the shutdown
	 */
	boolean isExcused() {
		return this.excused;
	}

}
