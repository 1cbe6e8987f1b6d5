package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.Locale;

/**
 * How the log shows durations and stacks.
 *
 * @author The Graceful Shutdown authors
 */
final class Format {

	private Format() {
	}

	static String seconds(Duration duration) {
		return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
	}

	static String stack(Iterable<StackTraceElement> stack) {
		StringBuilder result = new StringBuilder();
		stack.forEach((frame) -> result.append(System.lineSeparator()).append("\tat ").append(frame));
		return result.toString();
	}

}
