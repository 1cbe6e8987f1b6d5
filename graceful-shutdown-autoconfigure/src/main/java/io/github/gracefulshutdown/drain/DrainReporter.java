package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainReport.NotWaitedFor;
import io.github.gracefulshutdown.DrainReport.WorkloadReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.Printable;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import io.github.gracefulshutdown.tracking.InFlight;
import org.apache.commons.logging.Log;

import org.springframework.util.StringUtils;

/**
 * Writes the log lines of a drain, and its report.
 *
 * @author The Graceful Shutdown authors
 */
final class DrainReporter {

	private static final Predicate<Workload> SERVING = ServingWorkload.class::isInstance;

	private static final String INCLUDE = "If that is a source of work, name its bean in"
			+ " graceful-shutdown.intake.include, or stop it at DrainStartedEvent";

	private static final int NAMED_IN_PROGRESS = 3;

	private static final int NAMED_IN_CANCELLATION = 100;

	private static final int STACKS_IN_LOG = 20;

	private static final int NAMES_IN_LOG = 20;

	/**
	 * The number of names from which those for the log are chosen.
	 */
	private static final int NAMES_COUNTED = 1000;

	/**
	 * The greatest number of abandoned work that is taken from one workload.
	 */
	private static final int MOST_ABANDONED = 1_000_000;

	private final Log logger;

	private final String cause;

	private final Timetable timetable;

	private final Guard guard;

	private final Duration progressInterval;

	private final List<Tally> tallies;

	private final InFlight inFlight;

	private Deadline nextProgress;

	/**
	 * How much had come from which thread at the last look.
	 */
	private Map<String, Long> sources = Map.of();

	DrainReporter(Log logger, String cause, Timetable timetable, List<Workload> workloads, InFlight inFlight,
			Guard guard, Duration progressInterval) {
		this.logger = logger;
		this.cause = cause;
		this.timetable = timetable;
		this.inFlight = inFlight;
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
					.map((tally) -> Format.number(tally.atSignal(), tally.name()))),
				untilDeadline(), gracePeriod));
	}

	/**
	 * Log that the sockets have been closed, if work is in flight.
	 */
	void stoppedAccepting() {
		phase("Stopped accepting");
	}

	/**
	 * Log that serving has ended, if other work is in flight.
	 */
	void stoppedServing() {
		if (this.tallies.stream().map(Tally::workload).filter(SERVING).allMatch((serving) -> inFlight(serving) == 0)) {
			phase("Stopped serving");
		}
	}

	private void phase(String phase) {
		if (this.tallies.stream().map(Tally::workload).anyMatch(SERVING) && !isNothingInFlight()) {
			this.logger.info("%s: %s in flight, %s until the deadline".formatted(phase, inFlight(0), untilDeadline()));
		}
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
			Map<String, Long> sources = new HashMap<>(this.inFlight.getNotWaitedFor().threads());
			Map<String, Long> before = this.sources;
			this.sources = Map.copyOf(sources);
			before.forEach((source, count) -> sources.merge(source, -count, Long::sum));
			sources.values().removeIf((count) -> count <= 0);
			if (!sources.isEmpty()) {
				this.logger.info("New work goes on to come from %s. %s".formatted(describe(sources), INCLUDE));
			}
		}
	}

	private static String describe(Map<String, Long> sources) {
		return sources.isEmpty() ? "open connections"
				: sources.entrySet()
					.stream()
					.sorted(Map.Entry.<String, Long>comparingByValue().reversed())
					.limit(NAMED_IN_PROGRESS)
					.map((source) -> "thread '%s' (%d)".formatted(source.getKey(), source.getValue()))
					.collect(Collectors.joining(", "));
	}

	/**
	 * Log that the drain has not waited for foreign work, if there was any.
	 * @param report the report
	 */
	void fed(DrainReport report) {
		NotWaitedFor foreign = report.notWaitedFor();
		if (!foreign.isEmpty()) {
			this.logger.warn(("Not waited for: work that goes on to come from %s, %d after the signal, %d in flight."
					+ " It ends as without the drain. %s")
				.formatted(describe(foreign.threads()), foreign.accepted(), foreign.inFlight(), INCLUDE));
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
		return join(this.tallies.stream().map((tally) -> inFlight(tally, named)).filter(StringUtils::hasLength));
	}

	private String inFlight(Tally tally, int named) {
		long inFlight = inFlight(tally.workload());
		if (inFlight == 0) {
			return "";
		}
		String names = (named > 0) ? describe(tally, named).stream()
			.map((work) -> work.name() + " " + work.describeState())
			.collect(Collectors.joining("; ")) : "";
		return Format.number(inFlight, tally.name()) + (names.isEmpty() ? "" : " (" + names + ")");
	}

	private List<WorkSnapshot> describe(Tally tally, int most) {
		return this.guard.call("describe of " + tally.name(), List.of(), this.timetable.cancelAt(),
				() -> copy(tally.workload().describe(most), most));
	}

	// On the thread of the guard: a list may be endless, or slow
	private static List<WorkSnapshot> copy(Iterable<WorkSnapshot> works, int most) {
		List<WorkSnapshot> copy = new ArrayList<>();
		Iterator<WorkSnapshot> remaining = works.iterator();
		while (copy.size() < most && remaining.hasNext()) {
			copy.add(Objects.requireNonNull(remaining.next(), "a piece of work is null"));
		}
		return List.copyOf(copy);
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
						WorkSnapshot.nameless(tally.name(), inFlight(workload)), this.timetable.lastCall(),
						() -> copy(workload.abandon(), MOST_ABANDONED)));
		}
	}

	DrainReport report(DrainState state) {
		return new DrainReport(this.cause, state, this.timetable.signal().remaining().negated(),
				this.timetable.kill().remaining(), this.tallies.stream().map(this::report).toList(),
				this.inFlight.getNotWaitedFor());
	}

	/**
	 * Log the report. Without work, the line at the signal has said it all.
	 * @param report the report
	 */
	void ended(DrainReport report) {
		if (report.state() != DrainState.DRAINED) {
			this.logger.warn(report.toString());
			report.workloads().forEach(this::logAbandoned);
		}
		else if (report.isEmpty()) {
			this.logger.debug(report.toString());
		}
		else {
			this.logger.info(report.toString());
		}
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

	// The oldest with a stack one by one, then the most frequent names, then a number
	private void logAbandoned(WorkloadReport report) {
		Map<Map.Entry<String, WorkState>, Long> others = new LinkedHashMap<>();
		int stacks = 0;
		long rest = 0;
		for (WorkSnapshot work : report.abandoned()) {
			if (!work.stack().isEmpty() && stacks++ < STACKS_IN_LOG) {
				this.logger.warn("Abandoned " + work + Format.stack(work.stack()));
			}
			else if (others.computeIfPresent(Map.entry(work.name(), work.state()),
					(name, count) -> count + 1) == null) {
				if (others.size() < NAMES_COUNTED) {
					others.put(Map.entry(work.name(), work.state()), 1L);
				}
				else {
					rest++;
				}
			}
		}
		logAbandoned(report.name(), others, rest);
	}

	private void logAbandoned(String workload, Map<Map.Entry<String, WorkState>, Long> names, long rest) {
		List<Map.Entry<Map.Entry<String, WorkState>, Long>> named = new ArrayList<>(names.entrySet());
		named.sort(Collections.reverseOrder(Map.Entry.comparingByValue()));
		named.stream()
			.limit(NAMES_IN_LOG)
			.forEach((name) -> this.logger.warn("Abandoned %d of %s: %s (%s)".formatted(name.getValue(), workload,
					name.getKey().getKey(), name.getKey().getValue().lowerCase())));
		long others = rest + named.stream().skip(NAMES_IN_LOG).mapToLong(Map.Entry::getValue).sum();
		if (others > 0) {
			this.logger.warn("Abandoned %d others of %s".formatted(others, workload));
		}
	}

	private Map<WorkState, Long> counts(Workload workload) {
		return this.guard.call("getOutcomes of " + workload.getName(), Map.of(), this.timetable.lastCall(),
				() -> Map.copyOf(workload.getOutcomes()));
	}

	private long inFlight(Workload workload) {
		return this.guard.call("getInFlight of " + workload.getName(), 0L, this.timetable.cancelAt(), () -> {
			long inFlight = workload.getInFlight();
			if (inFlight < 0) {
				throw new IllegalStateException("%d in flight".formatted(inFlight));
			}
			return inFlight;
		});
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
			return Printable.of(this.workload.getName());
		}

	}

}
