package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.ServingStoppedEvent;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Drains an application. {@link #drain} tells the story of a shutdown; it runs on the
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
	 * How often to look while there is work whose end will be told, when no client waits
	 * any more.
	 */
	private static final Duration TRACKED_LOOK_INTERVAL = Duration.ofMillis(100);

	private static final Predicate<Workload> SERVING = Workload::isServing;

	private final Log logger;

	private final DrainPlan plan;

	private final InFlight inFlight;

	private final Supplier<List<Workload>> workloads;

	private final Readiness readiness;

	private final LameDuck lameDuck;

	private final ApplicationEventPublisher events;

	private final Guard guard;

	private volatile DrainState state = DrainState.RUNNING;

	private volatile @Nullable Timetable timetable;

	private volatile @Nullable DrainReport report;

	/**
	 * Create a coordinator.
	 * @param plan how the grace period is divided
	 * @param inFlight where the tracked work is counted
	 * @param workloads all workloads, in the order in which they are reported; asked for
	 * only when the coordinator is in use, so that a workload may depend on it
	 * @param availability tells whether the application refuses traffic already
	 * @param events where the drain's events are published
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public DrainCoordinator(DrainPlan plan, InFlight inFlight, Supplier<List<Workload>> workloads,
			ApplicationAvailability availability, ApplicationEventPublisher events, LongSupplier clock) {
		this(LogFactory.getLog(DrainCoordinator.class), plan, inFlight, workloads, availability, events, clock);
	}

	DrainCoordinator(Log logger, DrainPlan plan, InFlight inFlight, Supplier<List<Workload>> workloads,
			ApplicationAvailability availability, ApplicationEventPublisher events, LongSupplier clock) {
		this.logger = logger;
		this.plan = plan;
		this.inFlight = inFlight;
		this.workloads = workloads;
		this.readiness = new Readiness(availability, events);
		this.lameDuck = new LameDuck(logger, workloads, this.readiness, events, clock);
		this.events = events;
		this.guard = new Guard(clock);
	}

	/**
	 * Drain the application, to be called once. Returns when all work is finished, or
	 * when the deadline has passed. Not ended by an interrupt, which stays pending.
	 * @param cause what told the application to stop
	 * @param timetable the instants of this shutdown
	 * @return what was done
	 */
	DrainReport drain(String cause, Timetable timetable) {
		DrainReporter reporter = begin(cause, timetable);
		stopAccepting(SERVING.negate(), timetable.cancelAt());
		serveOn(timetable, reporter);
		this.state = DrainState.DRAINING;
		stopAccepting(SERVING, timetable.cancelAt());
		await(() -> isIdle(SERVING, timetable.cancelAt()), timetable.cancelAt(), reporter);
		publish(new ServingStoppedEvent(timetable.deadline().remaining()), timetable.cancelAt());
		boolean drained = awaitAll(timetable.cancelAt(), reporter);
		if (!drained) {
			reporter.cancelling();
			tell((workload) -> true, "cancel", Workload::cancel, timetable.deadline());
			drained = awaitAll(timetable.deadline(), reporter);
		}
		return end(drained, timetable, reporter);
	}

	private DrainReporter begin(String cause, Timetable timetable) {
		this.timetable = timetable;
		this.state = DrainState.LAME_DUCK;
		this.lameDuck.handOver(timetable.cancelAt());
		DrainReporter reporter = new DrainReporter(this.logger, cause, timetable, getWorkloads(), this.guard,
				this.plan.progressInterval());
		reporter.started();
		excuseClosingThread();
		this.guard.run("refusing traffic", timetable.cancelAt(), this.readiness::refuseTraffic);
		publish(new DrainStartedEvent(cause, timetable.deadline().remaining()), timetable.cancelAt());
		return reporter;
	}

	// Work that closes the context itself would wait for its own end
	private void excuseClosingThread() {
		for (Workload workload : getWorkloads()) {
			if (workload instanceof TrackedWorkload<?> tracked) {
				tracked.excuse(Thread.currentThread());
			}
		}
	}

	private void stopAccepting(Predicate<Workload> which, Deadline until) {
		tell(which.and(this.lameDuck::hasToStop), "stopAccepting", Workload::stopAccepting, until);
	}

	// A drain without exit that went before has served on already
	private void serveOn(Timetable timetable, DrainReporter reporter) {
		Deadline since = this.lameDuck.getSince();
		Deadline lameDuckEnd = (since != null) ? timetable.lameDuckEnd().earlierOf(since.plus(this.plan.delay()))
				: timetable.lameDuckEnd();
		if (!lameDuckEnd.isPast() && enterLameDuck(timetable.cancelAt())) {
			await(lameDuckEnd::isPast, lameDuckEnd, reporter);
		}
	}

	private boolean enterLameDuck(Deadline until) {
		return getWorkloads().stream()
			.filter(SERVING.and(Predicate.not(this.lameDuck::isTold)))
			.map((workload) -> this.guard.call("enterLameDuck of " + workload.getName(), true, until,
					workload::enterLameDuck))
			.reduce(this.lameDuck.isWithClients(), Boolean::logicalOr);
	}

	private DrainReport end(boolean drained, Timetable timetable, DrainReporter reporter) {
		this.inFlight.seal();
		this.state = drained ? DrainState.DRAINED : DrainState.EXPIRED;
		if (!drained) {
			reporter.abandon();
		}
		DrainReport report = reporter.report(this.state);
		this.report = report;
		publish(new DrainCompletedEvent(report), timetable.lastCall());
		this.guard.close();
		return report;
	}

	private boolean await(BooleanSupplier condition, Deadline until, DrainReporter reporter) {
		return await(condition, until, LOOK_INTERVAL, reporter);
	}

	private boolean await(BooleanSupplier condition, Deadline until, Duration whileTracked, DrainReporter reporter) {
		return this.inFlight.await(condition, () -> {
			if (until.isPast()) {
				return 0;
			}
			reporter.progress();
			Duration interval = (this.inFlight.count() > 0) ? whileTracked : LOOK_INTERVAL;
			return Math.min(interval.toNanos(), until.remainingNanos());
		});
	}

	// What is idle, but would rather stay a little longer, does not make the drain fail
	private boolean awaitAll(Deadline until, DrainReporter reporter) {
		return await(() -> isIdle((workload) -> true, until) && this.inFlight.sealIfEmpty(), until,
				TRACKED_LOOK_INTERVAL, reporter) || (reporter.isNothingInFlight() && this.inFlight.sealIfEmpty());
	}

	private boolean isIdle(Predicate<Workload> which, Deadline until) {
		return getWorkloads().stream()
			.filter(which)
			.allMatch((workload) -> this.guard.call(workload.getName(), true, until, workload::isIdle));
	}

	private void tell(Predicate<Workload> which, String what, Consumer<Workload> action, Deadline until) {
		getWorkloads().stream()
			.filter(which)
			.forEach((workload) -> this.guard.run(what + " of " + workload.getName(), until,
					() -> action.accept(workload)));
	}

	private void publish(Object event, Deadline until) {
		this.guard.run("a listener to " + event.getClass().getSimpleName(), until,
				() -> this.events.publishEvent(event));
	}

	/**
	 * Drain without exit, unless that has been done, or a shutdown has begun.
	 * @param reason why, for the log and the event
	 * @return whether this call has begun it
	 */
	boolean drainWithoutExit(String reason) {
		return this.lameDuck.enter(reason);
	}

	/**
	 * Undo a drain without exit, if no shutdown has begun.
	 * @return whether this call has undone it
	 */
	boolean resume() {
		return this.lameDuck.leave();
	}

	/**
	 * A shutdown will begin: a drain without exit cannot be undone any more.
	 */
	void forbidResume() {
		this.lameDuck.forbid();
	}

	/**
	 * Return how far the shutdown is.
	 * @return the state
	 */
	public DrainState getState() {
		DrainState state = this.state;
		return (state == DrainState.RUNNING && this.lameDuck.getSince() != null) ? DrainState.LAME_DUCK : state;
	}

	/**
	 * Return when the work in flight will be abandoned.
	 * @return the deadline, or {@code null} while running
	 */
	public @Nullable Deadline getDeadline() {
		Timetable timetable = this.timetable;
		return (timetable != null) ? timetable.deadline() : null;
	}

	/**
	 * Return what was done.
	 * @return the report, or {@code null} while the drain has not ended
	 */
	public @Nullable DrainReport getReport() {
		return this.report;
	}

	/**
	 * Return all workloads.
	 * @return the workloads, in the order in which they are reported
	 */
	public List<Workload> getWorkloads() {
		return this.workloads.get();
	}

}
