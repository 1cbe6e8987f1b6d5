package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.ServingStoppedEvent;
import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import io.github.gracefulshutdown.tracking.InFlight;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * Drains an application. {@link #drain} tells the story of a shutdown. It runs on the
 * thread that closes the application context, while the application is still whole.
 *
 * @author The Graceful Shutdown authors
 */
public final class DrainCoordinator {

	/**
	 * How often to look at workloads that cannot tell when they have become idle.
	 */
	private static final Duration LOOK_INTERVAL = Duration.ofMillis(10);

	/**
	 * How often to look while tracked work is in flight, whose end wakes up the drain,
	 * and no client waits any more.
	 */
	private static final Duration TRACKED_LOOK_INTERVAL = Duration.ofMillis(100);

	/**
	 * The most time for streams to end before the other work is interrupted.
	 */
	private static final Duration STREAM_END = Duration.ofMillis(200);

	/**
	 * How long after the end of serving any thread may bring in work that is waited for:
	 * it may be an answer to the events of the drain.
	 */
	private static final Duration FEEDING = Duration.ofSeconds(1);

	private final ContextLog logger;

	private final DrainPlan plan;

	private final InFlight inFlight;

	private final Workloads workloads;

	private final Readiness readiness;

	private final Standby standby;

	private final ApplicationEventPublisher events;

	private final Guard guard;

	private final GuardedWorkloads guarded;

	private final SelfStoppingWork selfStopping;

	private final ChildContexts children = new ChildContexts();

	private final Loops loops;

	private final LongSupplier clock;

	private @Nullable Deadline feedingEnd;

	private volatile DrainState state = DrainState.RUNNING;

	private volatile @Nullable Timetable timetable;

	private volatile @Nullable DrainReport report;

	/**
	 * Create a coordinator.
	 * @param plan how the grace period is divided
	 * @param inFlight where the tracked work is counted
	 * @param workloads all workloads
	 * @param readiness refuses traffic
	 * @param standby the stand-by state, from which a shutdown may come
	 * @param events where the drain's events are published
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public DrainCoordinator(DrainPlan plan, InFlight inFlight, Workloads workloads, Readiness readiness,
			Standby standby, ApplicationEventPublisher events, LongSupplier clock) {
		this(LogFactory.getLog(DrainCoordinator.class), plan, inFlight, workloads, readiness, standby, events, clock);
	}

	DrainCoordinator(Log logger, DrainPlan plan, InFlight inFlight, Workloads workloads, Readiness readiness,
			Standby standby, ApplicationEventPublisher events, LongSupplier clock) {
		this.logger = new ContextLog(logger);
		this.plan = plan;
		this.inFlight = inFlight;
		this.workloads = workloads;
		this.readiness = readiness;
		this.standby = standby;
		this.events = events;
		this.guard = new Guard(this.logger, clock);
		this.guarded = new GuardedWorkloads(workloads, standby, this.guard);
		this.selfStopping = new SelfStoppingWork(workloads, clock);
		this.loops = new Loops(this.logger, clock);
		this.clock = clock;
	}

	/**
	 * Drain the application. Must be called only once. Returns when all work is finished,
	 * or when the deadline has passed. An interrupt does not end it, and stays pending.
	 * @param signal the reason why the application stops
	 * @param timetable the instants of this shutdown
	 * @param closingThread the thread that waits for the drain, to close the context
	 * @return the report
	 */
	DrainReport drain(DrainSignal signal, Timetable timetable, Thread closingThread) {
		DrainReporter reporter = begin(signal.cause(), timetable, closingThread);
		this.children.drain(signal, timetable, closingThread);
		this.guarded.stopAccepting(GuardedWorkloads.SERVING.negate(), timetable.cancelAt());
		serveOn(timetable, reporter);
		this.state = DrainState.DRAINING;
		this.guarded.stopAccepting(GuardedWorkloads.SERVING, timetable.cancelAt());
		reporter.stoppedAccepting();
		await(() -> this.guarded.isIdle(GuardedWorkloads.SERVING, timetable.cancelAt()) && this.children.isDrained(),
				timetable.cancelAt(), LOOK_INTERVAL, reporter);
		this.children.close();
		reporter.stoppedServing();
		publish(new ServingStoppedEvent(timetable.deadline().remaining()), timetable.cancelAt());
		this.feedingEnd = Deadline.in(FEEDING, this.clock);
		await(() -> isDrainedButForStreams(timetable.cancelAt()) || lookForLoops(signal, timetable.cancelAt()),
				timetable.cancelAt(), TRACKED_LOOK_INTERVAL, reporter);
		boolean drained = awaitAll(endStreams(timetable), reporter);
		if (!drained) {
			reporter.cancelling();
			this.guarded.cancel(timetable.deadline());
			drained = awaitAll(timetable.deadline(), reporter);
		}
		return end(drained, timetable, reporter);
	}

	private DrainReporter begin(String cause, Timetable timetable, Thread closingThread) {
		this.timetable = timetable;
		this.state = DrainState.LAME_DUCK;
		this.inFlight.drainedBy(closingThread);
		this.standby.handOver(timetable.cancelAt());
		DrainReporter reporter = new DrainReporter(this.logger, cause, timetable, this.workloads.all(), this.inFlight,
				this.guard, this.plan.progressInterval());
		// First of all: the log may be blocked
		this.guard.run("refusing traffic", timetable.cancelAt(), this.readiness::refuseTraffic);
		reporter.started(this.plan.describe());
		this.selfStopping.excuse(closingThread);
		this.selfStopping.excuseExiting();
		publish(new DrainStartedEvent(cause, timetable.deadline().remaining()), timetable.cancelAt());
		return reporter;
	}

	// Without streams, the first moment without work ends the drain. With new work coming
	// all the time, a second such moment may never come
	private boolean isDrainedButForStreams(Deadline until) {
		return this.guarded.hasStreams(until) ? isAllIdle(until) : sealIfIdle(until);
	}

	// Loops that are interrupted end soon. All others are waited for like other work
	private boolean lookForLoops(DrainSignal signal, Deadline until) {
		if (this.children.isDrained()) {
			this.loops.look(this.workloads.all(), this.inFlight.count(),
					() -> this.guarded.isIdle(GuardedWorkloads.TRACKED.negate(), until), signal.contextOnly());
		}
		return false;
	}

	// A source that is not known to the drain may go on for ever
	private void limitFeeding() {
		if (this.feedingEnd != null && this.feedingEnd.isPast()) {
			this.feedingEnd = null;
			this.inFlight.waitOnlyForDescendants(this.guarded.untrackedInFlight());
		}
	}

	// The time in standby counts as part of the delay
	private void serveOn(Timetable timetable, DrainReporter reporter) {
		Deadline since = this.standby.getSince();
		Deadline lameDuckEnd = (since != null) ? timetable.lameDuckEnd().earlierOf(since.plus(this.plan.delay()))
				: timetable.lameDuckEnd();
		if (!lameDuckEnd.isPast() && this.guarded.enterLameDuck(timetable.cancelAt())) {
			await(lameDuckEnd::isPast, lameDuckEnd, LOOK_INTERVAL, reporter);
		}
	}

	// Streams that are ended at the last moment do not have to be interrupted
	private Deadline endStreams(Timetable timetable) {
		this.guarded.endStreams(timetable.cancelAt());
		Duration quarter = this.plan.cancelBeforeDeadline().dividedBy(4);
		return timetable.cancelAt()
			.laterOf(Deadline.in((quarter.compareTo(STREAM_END) < 0) ? quarter : STREAM_END, this.clock))
			.earlierOf(timetable.deadline());
	}

	private DrainReport end(boolean drained, Timetable timetable, DrainReporter reporter) {
		if (drained) {
			this.inFlight.seal();
			this.state = DrainState.DRAINED;
		}
		else {
			this.inFlight.expire();
			this.state = DrainState.EXPIRED;
			reporter.abandon();
		}
		DrainReport report = reporter.report(this.state);
		this.report = report;
		// Before the log, which may be slow
		publish(new DrainCompletedEvent(report), timetable.lastCall());
		reporter.ended(report);
		if (drained) {
			reporter.fed(report);
		}
		this.guard.close();
		return report;
	}

	// A workload that only lingers (open idle connections) does not fail the drain
	private boolean awaitAll(Deadline until, DrainReporter reporter) {
		return await(() -> sealIfIdle(until), until, TRACKED_LOOK_INTERVAL, reporter)
				|| (this.children.isDrained() && reporter.isNothingInFlight() && this.inFlight.sealIfEmpty());
	}

	private boolean await(BooleanSupplier condition, Deadline until, Duration whileTracked, DrainReporter reporter) {
		return this.inFlight.await(condition, () -> {
			if (until.isPast()) {
				return 0;
			}
			reporter.progress();
			this.selfStopping.excuseExiting();
			limitFeeding();
			Duration interval = (this.inFlight.count() > 0) ? whileTracked : LOOK_INTERVAL;
			return Math.min(interval.toNanos(), until.remainingNanos());
		});
	}

	private boolean sealIfIdle(Deadline until) {
		return this.inFlight.sealIfEmpty(() -> isAllIdle(until));
	}

	private boolean isAllIdle(Deadline until) {
		return this.children.isDrained() && this.guarded.isAllIdle(until);
	}

	private void publish(Object event, Deadline until) {
		this.guard.run("a listener to " + event.getClass().getSimpleName(), until,
				() -> this.events.publishEvent(event));
	}

	/**
	 * Return whether the only work that is left is work that stops the application
	 * itself. Spring waits for the executors of foreign work as without us.
	 * @return whether its thread waits for the end of the shutdown
	 */
	boolean hasExcused() {
		return this.selfStopping.isExcused() && this.inFlight.countForeign() == 0;
	}

	/**
	 * Return the recognition of loops, which has to listen to the readiness.
	 * @return the listener
	 */
	public Loops getLoops() {
		return this.loops;
	}

	/**
	 * Let the log say which context is drained.
	 * @param context the identifier of the context
	 */
	void nameInLog(String context) {
		this.logger.setContext(context);
	}

	ChildContexts getChildren() {
		return this.children;
	}

	/**
	 * Log the work in flight that is lost, because the JVM is about to be halted in the
	 * middle of the drain. For another thread than that of the drain.
	 */
	void logLost() {
		Timetable timetable = this.timetable;
		if (timetable != null && this.report == null) {
			new DrainReporter(this.logger, "halt of the JVM", timetable, this.workloads.all(), this.inFlight,
					new Guard(this.clock), this.plan.progressInterval())
				.lost();
		}
	}

	DrainState getState() {
		DrainState state = this.state;
		return (state == DrainState.RUNNING && this.standby.getSince() != null) ? DrainState.LAME_DUCK : state;
	}

	/**
	 * Return the instant at which the work in flight will be abandoned.
	 * @return the deadline, or {@code null} while running
	 */
	@Nullable Deadline getDeadline() {
		Timetable timetable = this.timetable;
		return (timetable != null) ? timetable.deadline() : null;
	}

	/**
	 * Return the report of the drain.
	 * @return the report, or {@code null} while the drain has not ended
	 */
	public @Nullable DrainReport getReport() {
		return this.report;
	}

}
