package io.github.gracefulshutdown;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Report of a drain. Immutable.
 *
 * @param cause the reason why the application stopped
 * @param state the final state, {@link DrainState#DRAINED} or {@link DrainState#EXPIRED}
 * @param duration the time from the signal to the end of the drain
 * @param remaining the time that was left until the platform kills the process
 * @param workloads a report for each workload
 * @author The Graceful Shutdown authors
 */
public record DrainReport(String cause, DrainState state, Duration duration, Duration remaining,
		List<WorkloadReport> workloads) {

	/**
	 * Return the work of all workloads that was not finished at the deadline.
	 * @return the abandoned work, empty if {@link DrainState#DRAINED}
	 */
	public List<WorkSnapshot> abandoned() {
		return this.workloads.stream().flatMap((workload) -> workload.abandoned().stream()).toList();
	}

	@Override
	public String toString() {
		String outcome = (this.state == DrainState.DRAINED) ? "Drained" : "Deadline passed";
		String details = this.workloads.stream()
			.filter((workload) -> !workload.isEmpty())
			.map(WorkloadReport::toString)
			.collect(Collectors.joining("; "));
		return "%s after %s, %s before the end of the grace period: %s".formatted(outcome, seconds(this.duration),
				seconds(this.remaining), details.isEmpty() ? "nothing was in flight" : details);
	}

	static String seconds(Duration duration) {
		return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
	}

	/**
	 * Report of one workload during the drain.
	 *
	 * @param name the name of the workload
	 * @param atSignal the number of work in flight when the drain began
	 * @param outcomes the number of work with each outcome except
	 * {@link WorkState#ABANDONED}, without zeros
	 * @param abandoned the work that was abandoned at the deadline, the oldest first
	 */
	public record WorkloadReport(String name, long atSignal, Map<WorkState, Long> outcomes,
			List<WorkSnapshot> abandoned) {

		private boolean isEmpty() {
			return this.atSignal == 0 && this.outcomes.isEmpty() && this.abandoned.isEmpty();
		}

		@Override
		public String toString() {
			StringBuilder result = new StringBuilder();
			result.append(this.name).append(" ").append(this.atSignal).append(" at the signal");
			this.outcomes
				.forEach((outcome, count) -> result.append(", ").append(count).append(" ").append(outcome.lowerCase()));
			return result.append(", ").append(this.abandoned.size()).append(" abandoned").toString();
		}

	}

}
