package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

import io.github.gracefulshutdown.Printable;
import io.github.gracefulshutdown.tracking.DrainThreads;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Names the threads that keep the JVM alive after the application was asked to stop, and
 * its context has been closed. Spring Boot does not call {@code System.exit} then.
 *
 * @author The Graceful Shutdown authors
 */
final class RemainingThreads {

	private static final Log logger = LogFactory.getLog(RemainingThreads.class);

	private static final int NAMED = 3;

	private RemainingThreads() {
	}

	/**
	 * Log the threads that are alive after a while. Does not keep the JVM alive.
	 * @param patience the time that they have to end
	 * @param relevant whether they still keep the JVM from ending, asked after that time
	 */
	static void logLater(Duration patience, BooleanSupplier relevant) {
		DrainThreads.start("remaining-threads", () -> {
			try {
				TimeUnit.NANOSECONDS.sleep(patience.toNanos());
			}
			catch (InterruptedException ex) {
				return;
			}
			String description = relevant.getAsBoolean() ? describe(Thread.getAllStackTraces()) : null;
			if (description != null) {
				logger.warn(description);
			}
		});
	}

	/**
	 * Describe the threads that keep the JVM alive.
	 * @param threads all threads with their stacks
	 * @return the description, or {@code null} if all are daemons
	 */
	static @Nullable String describe(Map<Thread, StackTraceElement[]> threads) {
		List<Map.Entry<Thread, StackTraceElement[]>> remaining = threads.entrySet()
			.stream()
			.filter((thread) -> !thread.getKey().isDaemon() && thread.getValue().length > 0)
			.sorted(Comparator.comparing((thread) -> thread.getKey().getName()))
			.toList();
		if (remaining.isEmpty()) {
			return null;
		}
		String names = remaining.stream()
			.limit(NAMED)
			.map((thread) -> "'%s' at %s".formatted(Printable.of(thread.getKey().getName()), thread.getValue()[0]))
			.collect(Collectors.joining(", "));
		return "The application is closed, but its JVM is kept alive by %s: %s%s"
			.formatted(Format.number(remaining.size(), "threads"), names, (remaining.size() > NAMED) ? ", ..." : "");
	}

}
