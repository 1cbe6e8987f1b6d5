package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * The one way in which the drain calls code that is not its own: what it throws is
 * logged, and it is not waited for beyond a deadline. One thread makes all calls, until
 * one does not return in time: that call keeps the thread, and the next gets a new one.
 * For one caller at a time.
 *
 * @author The Graceful Shutdown authors
 */
final class Guard {

	private static final Log logger = LogFactory.getLog(Guard.class);

	/**
	 * What a call gets in any case, so that a question can be answered at the deadline.
	 */
	private static final Duration LEAST = Duration.ofMillis(100);

	private final LongSupplier clock;

	private ExecutorService thread = newThread();

	private final Set<String> complained = new HashSet<>();

	Guard(LongSupplier clock) {
		this.clock = clock;
	}

	private static ExecutorService newThread() {
		CustomizableThreadFactory factory = new CustomizableThreadFactory("drain-callback-");
		factory.setDaemon(true);
		return Executors.newSingleThreadExecutor(factory);
	}

	/**
	 * Run foreign code.
	 * @param what what is called, for the log
	 * @param until how long to wait for it
	 * @param code the code
	 */
	void run(String what, Deadline until, Runnable code) {
		call(what, Boolean.TRUE, until, () -> {
			code.run();
			return Boolean.TRUE;
		});
	}

	/**
	 * Call foreign code.
	 * @param <T> the type of its result
	 * @param what what is called, for the log
	 * @param fallback the result if it fails or does not return in time
	 * @param until how long to wait for it
	 * @param code the code
	 * @return its result, or the fallback
	 */
	<T> T call(String what, T fallback, Deadline until, Callable<T> code) {
		try {
			return get(this.thread.submit(code), until.laterOf(Deadline.in(LEAST, this.clock)));
		}
		catch (ExecutionException ex) {
			complain(what, "failed", ex.getCause());
		}
		catch (TimeoutException ex) {
			complain(what, "did not return in time", null);
			this.thread.shutdown();
			this.thread = newThread();
		}
		catch (Throwable ex) {
			complain(what, "could not be called", ex);
		}
		return fallback;
	}

	// Not ended by an interrupt: what interrupts the closing thread does not know what
	// would be lost
	private <T> T get(Future<T> result, Deadline until) throws ExecutionException, TimeoutException {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return result.get(until.remainingNanos(), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private void complain(String what, String problem, @Nullable Throwable ex) {
		if (this.complained.add(what)) {
			logger.warn("The drain goes on: " + what + " " + problem, ex);
		}
	}

	void close() {
		this.thread.shutdown();
	}

}
