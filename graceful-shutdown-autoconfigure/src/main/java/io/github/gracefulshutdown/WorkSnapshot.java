package io.github.gracefulshutdown;

import java.time.Duration;
import java.util.Collections;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What was known about one piece of work at one moment. Immutable.
 *
 * @param workload the name of the workload
 * @param name the name of the work
 * @param state its state
 * @param age the time since it was accepted
 * @param thread the name of the thread that worked on it, if there was one
 * @param stack the stack of that thread, empty unless it was asked for
 * @author The Graceful Shutdown authors
 */
public record WorkSnapshot(String workload, String name, WorkState state, Duration age, @Nullable String thread,
		List<StackTraceElement> stack) {

	@Override
	public String toString() {
		return "%s: %s, %s for %s%s".formatted(this.workload, this.name, this.state.lowerCase(),
				DrainReport.seconds(this.age), (this.thread != null) ? " on thread " + this.thread : "");
	}

	static List<WorkSnapshot> nameless(String workload, long inFlight) {
		int number = (int) Math.min(inFlight, Integer.MAX_VALUE);
		return Collections.nCopies(number,
				new WorkSnapshot(workload, workload, WorkState.RUNNING, Duration.ZERO, null, List.of()));
	}

	static String format(Iterable<StackTraceElement> stack) {
		StringBuilder result = new StringBuilder();
		stack.forEach((frame) -> result.append(System.lineSeparator()).append("\tat ").append(frame));
		return result.toString();
	}

}
