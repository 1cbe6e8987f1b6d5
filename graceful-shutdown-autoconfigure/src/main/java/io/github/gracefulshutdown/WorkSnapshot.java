package io.github.gracefulshutdown;

import java.time.Duration;
import java.util.Collections;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Snapshot of one piece of work. Immutable.
 *
 * @param workload the name of the workload
 * @param name the name of the work
 * @param state its state, never {@link WorkState#INTERRUPTING}
 * @param age the time since it was accepted
 * @param thread the name of the thread that worked on it, or {@code null}
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

	/**
	 * Return snapshots of work that is only counted.
	 * @param workload the name of the workload
	 * @param inFlight the number of work in flight
	 * @return a snapshot for each piece of work, named after the workload
	 */
	public static List<WorkSnapshot> nameless(String workload, long inFlight) {
		int number = (int) Math.min(inFlight, Integer.MAX_VALUE);
		return Collections.nCopies(number,
				new WorkSnapshot(workload, workload, WorkState.RUNNING, Duration.ZERO, null, List.of()));
	}

}
