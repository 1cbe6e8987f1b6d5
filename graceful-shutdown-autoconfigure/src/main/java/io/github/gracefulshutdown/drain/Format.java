package io.github.gracefulshutdown.drain;

import java.time.Duration;

import io.github.gracefulshutdown.Printable;

/**
 * How the log shows durations, numbers of work and stacks.
 *
 * @author The Graceful Shutdown authors
 */
final class Format {

	private Format() {
	}

	static String seconds(Duration duration) {
		return Printable.seconds(duration);
	}

	/**
	 * Return a number of work.
	 * @param number the number
	 * @param workload the name of the workload, a word in the plural
	 * @return such as {@code "1 request"} or {@code "2 requests"}
	 */
	static String number(long number, String workload) {
		return number + " " + ((number == 1) ? singular(workload) : workload);
	}

	private static String singular(String word) {
		if (word.endsWith("ies")) {
			return word.substring(0, word.length() - 3) + "y";
		}
		if (word.endsWith("ches") || word.endsWith("shes") || word.endsWith("sses") || word.endsWith("xes")) {
			return word.substring(0, word.length() - 2);
		}
		return (word.endsWith("s") && !word.endsWith("ss")) ? word.substring(0, word.length() - 1) : word;
	}

	static String stack(Iterable<StackTraceElement> stack) {
		StringBuilder result = new StringBuilder();
		stack.forEach((frame) -> result.append(System.lineSeparator()).append("\tat ").append(frame));
		return result.toString();
	}

}
