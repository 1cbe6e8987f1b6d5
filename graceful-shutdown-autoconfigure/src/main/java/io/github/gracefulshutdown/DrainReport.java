package io.github.gracefulshutdown;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Report of a drain. Immutable.
 *
 * @param cause the reason why the application stopped
 * @param state the final state, {@link DrainState#DRAINED} or {@link DrainState#EXPIRED}
 * @param duration the time from the signal to the end of the drain
 * @param remaining the time that was left until the platform kills the process
 * @param workloads a report for each workload
 * @param notWaitedFor the work of sources that the drain does not know
 * @author The Graceful Shutdown authors
 */
public record DrainReport(String cause, DrainState state, Duration duration, Duration remaining,
		List<WorkloadReport> workloads, NotWaitedFor notWaitedFor) {

	/**
	 * Create a report.
	 * @param cause the reason why the application stopped, shown as one line
	 * @param state the final state
	 * @param duration the time from the signal to the end of the drain
	 * @param remaining the time that was left until the platform kills the process
	 * @param workloads a report for each workload
	 * @param notWaitedFor the work of sources that the drain does not know
	 */
	public DrainReport {
		cause = Printable.of(cause);
	}

	/**
	 * Return the work of all workloads that was not finished at the deadline.
	 * @return the abandoned work, empty if {@link DrainState#DRAINED}
	 */
	public List<WorkSnapshot> abandoned() {
		return this.workloads.stream().flatMap((workload) -> workload.abandoned().stream()).toList();
	}

	/**
	 * Return whether nothing was in flight, from the signal to the end of the drain.
	 * @return whether no workload has anything to report
	 */
	public boolean isEmpty() {
		return this.workloads.stream().allMatch(WorkloadReport::isEmpty) && this.notWaitedFor.isEmpty();
	}

	@Override
	public String toString() {
		String outcome = (this.state == DrainState.DRAINED) ? "Drained" : "Deadline passed";
		String details = Stream
			.concat(this.workloads.stream().filter((workload) -> !workload.isEmpty()),
					Stream.of(this.notWaitedFor).filter((work) -> !work.isEmpty()))
			.map(Object::toString)
			.collect(Collectors.joining("; "));
		return "%s after %s, %s: %s".formatted(outcome, Printable.seconds(this.duration),
				Printable.beforeEnd(this.remaining), details.isEmpty() ? "nothing was in flight" : details);
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

		/**
		 * Create a report.
		 * @param name the name of the workload, shown as one line
		 * @param atSignal the number of work in flight when the drain began
		 * @param outcomes the number of work with each outcome
		 * @param abandoned the work that was abandoned at the deadline
		 */
		public WorkloadReport {
			name = Printable.of(name);
		}

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

	/**
	 * The work that a drain did not wait for, because sources that it does not know go on
	 * to submit work after the end of serving. It ends as without the drain.
	 *
	 * @param accepted the number of work that was accepted
	 * @param inFlight the number of such work that was in flight when this was asked
	 * @param threads how often each thread outside of all work has submitted work since
	 * then, by the name of the thread, for 100 threads or so
	 */
	public record NotWaitedFor(long accepted, long inFlight, Map<String, Long> threads) {

		/**
		 * Create a report.
		 * @param accepted the number of work that was accepted
		 * @param inFlight the number of such work that was in flight
		 * @param threads the number of submissions by the name of the thread, shown as
		 * one line
		 */
		public NotWaitedFor {
			threads = threads.entrySet()
				.stream()
				.collect(Collectors.toUnmodifiableMap((thread) -> Printable.of(thread.getKey()), Map.Entry::getValue,
						Long::sum));
		}

		/**
		 * Return whether all accepted work was waited for.
		 * @return whether there is nothing to report
		 */
		public boolean isEmpty() {
			return this.accepted == 0;
		}

		@Override
		public String toString() {
			return "not waited for: %d accepted, %d in flight".formatted(this.accepted, this.inFlight);
		}

	}

}
