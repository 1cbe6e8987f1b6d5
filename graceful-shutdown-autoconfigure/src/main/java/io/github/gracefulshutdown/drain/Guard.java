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

import io.github.gracefulshutdown.Printable;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.DrainThreads;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Calls user code on behalf of the drain. It logs exceptions, and does not wait beyond a
 * deadline. One thread makes all calls, until one of them does not return in time: that
 * call keeps the thread, and the next gets a new one. For one caller at a time.
 *
 * @author The Graceful Shutdown authors
 */
final class Guard {

	/**
	 * The least time for a call, so that a question can be answered at the deadline.
	 */
	private static final Duration LEAST = Duration.ofMillis(100);

	private final Log logger;

	private final LongSupplier clock;

	private ExecutorService thread = newThread();

	private final Set<String> complained = new HashSet<>();

	Guard(LongSupplier clock) {
		this(LogFactory.getLog(Guard.class), clock);
	}

	Guard(Log logger, LongSupplier clock) {
		this.logger = logger;
		this.clock = clock;
	}

	private static ExecutorService newThread() {
		return Executors.newSingleThreadExecutor((code) -> DrainThreads.create("callback", code));
	}

	/**
	 * Run user code.
	 * @param call the name of the call, for the log
	 * @param until how long to wait for it
	 * @param code the code
	 */
	void run(String call, Deadline until, Runnable code) {
		call(call, Boolean.TRUE, until, () -> {
			code.run();
			return Boolean.TRUE;
		});
	}

	/**
	 * Call user code.
	 * @param <T> the type of its result
	 * @param call the name of the call, for the log
	 * @param fallback the result if it fails or does not return in time
	 * @param until how long to wait for it
	 * @param code the code
	 * @return its result, or the fallback
	 */
	<T> T call(String call, T fallback, Deadline until, Callable<T> code) {
		try {
			Future<T> result = this.thread.submit(code);
			Deadline end = until.laterOf(Deadline.in(LEAST, this.clock));
			return Uninterruptibly.get(() -> result.get(end.remainingNanos(), TimeUnit.NANOSECONDS));
		}
		catch (ExecutionException ex) {
			complain(call, "failed", ex.getCause());
		}
		catch (TimeoutException ex) {
			complain(call, "did not return in time", null);
			this.thread.shutdown();
			this.thread = newThread();
		}
		catch (Throwable ex) {
			complain(call, "could not be called", ex);
		}
		return fallback;
	}

	private void complain(String call, String problem, @Nullable Throwable ex) {
		if (this.complained.add(call)) {
			BestEffort.warn(this.logger, "The drain goes on: " + Printable.of(call) + " " + problem, ex);
		}
	}

	void close() {
		this.thread.shutdown();
	}

}
