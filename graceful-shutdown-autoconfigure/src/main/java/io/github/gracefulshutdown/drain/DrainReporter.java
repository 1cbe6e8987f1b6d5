package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainReport.WorkloadReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import org.apache.commons.logging.Log;

/**
 * Writes the log lines of a drain, and its report.
 *
 * @author The Graceful Shutdown authors
 */
final class DrainReporter {

	private static final int NAMED_IN_PROGRESS = 3;

	private static final int NAMED_IN_CANCELLATION = 100;

	private static final int STACKS_IN_LOG = 20;

	private final Log logger;

	private final String cause;

	private final Timetable timetable;

	private final Guard guard;

	private final Duration progressInterval;

	private final List<Tally> tallies;

	private Deadline nextProgress;

	/**
	 * Tells which threads bring in new work.
	 */
	private Supplier<Map<String, Long>> sources = Map::of;

	DrainReporter(Log logger, String cause, Timetable timetable, List<Workload> workloads, Guard guard,
			Duration progressInterval) {
		this.logger = logger;
		this.cause = cause;
		this.timetable = timetable;
		this.guard = guard;
		this.progressInterval = progressInterval;
		this.nextProgress = timetable.signal().plus(progressInterval);
		this.tallies = workloads.stream()
			.map((workload) -> new Tally(workload, inFlight(workload), counts(workload), new ArrayList<>()))
			.toList();
	}

	void started(String gracePeriod) {
		this.logger.info("Shutting down (%s): %s in flight, %s until the deadline. %s".formatted(this.cause,
				join(this.tallies.stream()
					.filter((tally) -> tally.atSignal() > 0)
					.map((tally) -> tally.atSignal() + " " + tally.name())),
				untilDeadline(), gracePeriod));
	}

	/**
	 * No requests bring in work any more. If other work goes on to come, it may come from
	 * a source that the drain does not know.
	 * @param sources returns how much came from which thread since the last call
	 */
	void servingStopped(Supplier<Map<String, Long>> sources) {
		sources.get();
		this.sources = sources;
	}

	/**
	 * Log the work in flight, once in each progress interval.
	 */
	void progress() {
		if (this.nextProgress.isPast()) {
			this.nextProgress = this.nextProgress.plus(this.progressInterval);
			this.logger.info("%s, %s until the deadline".formatted(
					isNothingInFlight() ? "Nothing in flight any more" : "Waiting for " + inFlight(NAMED_IN_PROGRESS),
					untilDeadline()));
			logSources();
		}
	}

	private void logSources() {
		Map<String, Long> sources = this.sources.get();
		if (!sources.isEmpty()) {
			this.logger.info("New work goes on to come from %s. If that is a source of work, see intake.include"
				.formatted(join(sources.entrySet()
					.stream()
					.sorted(Map.Entry.<String, Long>comparingByValue().reversed())
					.limit(NAMED_IN_PROGRESS)
					.map((source) -> "thread '%s' (%d)".formatted(source.getKey(), source.getValue())))));
		}
	}

	/**
	 * Log the work that is about to be interrupted.
	 */
	void cancelling() {
		this.logger
			.warn("Interrupting %s, %s until the deadline".formatted(inFlight(NAMED_IN_CANCELLATION), untilDeadline()));
	}

	/**
	 * Log the work that is lost.
	 */
	void lost() {
		this.logger.warn("Lost: %s, %s after the signal".formatted(inFlight(NAMED_IN_CANCELLATION),
				Format.seconds(this.timetable.signal().remaining().negated())));
	}

	private String inFlight(int named) {
		return join(this.tallies.stream()
			.filter((tally) -> inFlight(tally.workload()) > 0)
			.map((tally) -> inFlight(tally, named)));
	}

	private String inFlight(Tally tally, int named) {
		Workload workload = tally.workload();
		String names = this.guard
			.call("describe of " + tally.name(), List.<WorkSnapshot>of(), this.timetable.cancelAt(),
					() -> workload.describe(named))
			.stream()
			.map((work) -> "%s %s for %s".formatted(work.name(), work.state().lowerCase(), Format.seconds(work.age())))
			.collect(Collectors.joining(", "));
		return inFlight(workload) + " " + tally.name() + (names.isEmpty() ? "" : " (" + names + ")");
	}

	boolean isNothingInFlight() {
		return this.tallies.stream().allMatch((tally) -> inFlight(tally.workload()) == 0);
	}

	/**
	 * Give up all work that is in flight. If a workload does not describe it, it is
	 * reported without names.
	 */
	void abandon() {
		for (Tally tally : this.tallies) {
			Workload workload = tally.workload();
			tally.abandoned()
				.addAll(this.guard.call("abandon of " + tally.name(),
						WorkSnapshot.nameless(workload.getName(), inFlight(workload)), this.timetable.lastCall(),
						workload::abandon));
		}
	}

	DrainReport report(DrainState state) {
		DrainReport report = new DrainReport(this.cause, state, this.timetable.signal().remaining().negated(),
				this.timetable.kill().remaining(), this.tallies.stream().map(this::report).toList());
		if (state == DrainState.DRAINED) {
			this.logger.info(report.toString());
		}
		else {
			this.logger.warn(report.toString());
			report.workloads().forEach(this::logAbandoned);
		}
		return report;
	}

	private WorkloadReport report(Tally tally) {
		Map<WorkState, Long> outcomes = new EnumMap<>(WorkState.class);
		counts(tally.workload()).forEach((outcome, count) -> {
			long before = tally.before().getOrDefault(outcome, 0L);
			if (count > before && outcome != WorkState.ABANDONED) {
				outcomes.put(outcome, count - before);
			}
		});
		return new WorkloadReport(tally.name(), tally.atSignal(), outcomes, List.copyOf(tally.abandoned()));
	}

	// The oldest with a stack one by one, the rest by name
	private void logAbandoned(WorkloadReport report) {
		Map<String, Long> others = new TreeMap<>();
		int stacks = 0;
		for (WorkSnapshot work : report.abandoned()) {
			if (!work.stack().isEmpty() && stacks++ < STACKS_IN_LOG) {
				this.logger.warn("Abandoned " + work + Format.stack(work.stack()));
			}
			else {
				others.merge("%s (%s)".formatted(work.name(), work.state().lowerCase()), 1L, Long::sum);
			}
		}
		others
			.forEach((name, count) -> this.logger.warn("Abandoned %d of %s: %s".formatted(count, report.name(), name)));
	}

	private Map<WorkState, Long> counts(Workload workload) {
		return this.guard.call("getOutcomes of " + workload.getName(), Map.of(), this.timetable.lastCall(),
				workload::getOutcomes);
	}

	private long inFlight(Workload workload) {
		return this.guard.call("getInFlight of " + workload.getName(), 0L, this.timetable.cancelAt(),
				workload::getInFlight);
	}

	private String untilDeadline() {
		return Format.seconds(this.timetable.deadline().remaining());
	}

	private static String join(Stream<String> parts) {
		String joined = parts.collect(Collectors.joining(", "));
		return joined.isEmpty() ? "nothing" : joined;
	}

	/**
	 * The share of a workload in the drain.
	 *
	 * @param workload the workload
	 * @param atSignal how much was in flight when the drain began
	 * @param before the outcomes that were counted before the drain
	 * @param abandoned the work that it gave up
	 */
	private record Tally(Workload workload, long atSignal, Map<WorkState, Long> before, List<WorkSnapshot> abandoned) {

		String name() {
			return this.workload.getName();
		}

	}

}
