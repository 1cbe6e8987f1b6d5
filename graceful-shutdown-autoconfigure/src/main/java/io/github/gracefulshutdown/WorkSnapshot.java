package io.github.gracefulshutdown;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Snapshot of one piece of work. Immutable.
 *
 * @param workload the name of the workload
 * @param name the name of the work
 * @param state its state, never {@link WorkState#INTERRUPTING}
 * @param age the time since it was accepted
 * @param running the time since it began, {@code null} if it has not begun or that is not
 * known
 * @param thread the name of the thread that worked on it, or {@code null}
 * @param stack the stack of that thread, empty unless it was asked for
 * @author The Graceful Shutdown authors
 */
public record WorkSnapshot(String workload, String name, WorkState state, Duration age, @Nullable Duration running,
		@Nullable String thread, List<StackTraceElement> stack) {

	/**
	 * The greatest number of nameless entries.
	 */
	private static final int MOST_NAMELESS = 100_000;

	/**
	 * Create a snapshot. Names are shown as one line of at most
	 * {@value Printable#MAX_LENGTH} characters.
	 * @param workload the name of the workload
	 * @param name the name of the work
	 * @param state its state
	 * @param age the time since it was accepted
	 * @param running the time since it began, or {@code null}
	 * @param thread the name of the thread that worked on it, or {@code null}
	 * @param stack the stack of that thread
	 */
	public WorkSnapshot {
		workload = Printable.of(workload);
		name = Printable.of(name);
		thread = (thread != null) ? Printable.of(thread) : null;
		Objects.requireNonNull(state, "state");
		Objects.requireNonNull(age, "age");
		Objects.requireNonNull(stack, "stack");
	}

	/**
	 * Create a snapshot of work of which is not known when it began.
	 * @param workload the name of the workload
	 * @param name the name of the work
	 * @param state its state
	 * @param age the time since it was accepted
	 * @param thread the name of the thread that worked on it, or {@code null}
	 * @param stack the stack of that thread
	 */
	public WorkSnapshot(String workload, String name, WorkState state, Duration age, @Nullable String thread,
			List<StackTraceElement> stack) {
		this(workload, name, state, age, null, thread, stack);
	}

	@Override
	public String toString() {
		return "%s: %s, %s%s".formatted(this.workload, this.name, describeState(),
				(this.thread != null) ? " on thread " + this.thread : "");
	}

	/**
	 * Describe the state and its time.
	 * @return the description, such as {@code "running for 2.0 s, accepted 5.0 s ago"}
	 */
	public String describeState() {
		String state = this.state.lowerCase();
		String age = Printable.seconds(this.age);
		if (this.state == WorkState.QUEUED) {
			return state + " for " + age;
		}
		if (this.running == null) {
			return this.age.isZero() ? state : "%s, accepted %s ago".formatted(state, age);
		}
		String running = Printable.seconds(this.running);
		return "%s for %s%s".formatted(state, running, running.equals(age) ? "" : ", accepted %s ago".formatted(age));
	}

	/**
	 * Return snapshots of work that is only counted.
	 * @param workload the name of the workload
	 * @param inFlight the number of work in flight
	 * @return a snapshot for each piece of work, named after the workload, at most
	 * 100,000
	 */
	public static List<WorkSnapshot> nameless(String workload, long inFlight) {
		int number = (int) Math.max(0, Math.min(inFlight, MOST_NAMELESS));
		return Collections.nCopies(number,
				new WorkSnapshot(workload, workload, WorkState.RUNNING, Duration.ZERO, null, List.of()));
	}

}
