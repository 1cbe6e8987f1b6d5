package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.DrainThreads;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

/**
 * Runs the drain exactly once, regardless of how many callers request it.
 *
 * @author The Graceful Shutdown authors
 */
public final class DefaultGracefulShutdown implements GracefulShutdown {

	private static final Log logger = LogFactory.getLog(DefaultGracefulShutdown.class);

	private final DrainCoordinator coordinator;

	private final Standby standby;

	private final Workloads workloads;

	private final DrainPlan plan;

	private final Runnable closeContext;

	private final LongSupplier clock;

	private final AtomicReference<@Nullable DrainSignal> requested = new AtomicReference<>();

	private final AtomicReference<@Nullable Timetable> begun = new AtomicReference<>();

	private final CompletableFuture<DrainReport> report = new CompletableFuture<>();

	/**
	 * The stage handed to callers. Dependent actions run on a daemon thread, never on the
	 * closing thread.
	 */
	private final SingletonSupplier<CompletionStage<DrainReport>> stage = SingletonSupplier
		.of(() -> this.report.whenCompleteAsync((report, ex) -> {
		}, (code) -> DrainThreads.start("report", code)).minimalCompletionStage());

	/**
	 * Create a graceful shutdown.
	 * @param coordinator runs the drain
	 * @param standby the stand-by state
	 * @param workloads all workloads
	 * @param plan how the grace period is divided
	 * @param closeContext closes the application context, and returns when it is closed
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public DefaultGracefulShutdown(DrainCoordinator coordinator, Standby standby, Workloads workloads, DrainPlan plan,
			Runnable closeContext, LongSupplier clock) {
		this.coordinator = coordinator;
		this.standby = standby;
		this.workloads = workloads;
		this.plan = plan;
		this.closeContext = closeContext;
		this.clock = clock;
	}

	@Override
	public DrainState state() {
		return this.coordinator.getState();
	}

	@Override
	public long inFlight() {
		long sum = 0;
		for (Workload workload : this.workloads.all()) {
			long inFlight = Math.max(0, inFlight(workload));
			sum = (inFlight < Long.MAX_VALUE - sum) ? sum + inFlight : Long.MAX_VALUE;
		}
		return sum;
	}

	// The health and the meters of an application must not depend on one of its workloads
	private static long inFlight(Workload workload) {
		try {
			return workload.getInFlight();
		}
		catch (RuntimeException ex) {
			logger.debug("Not counted: the work in flight of " + workload.getName(), ex);
			return 0;
		}
	}

	@Override
	public @Nullable Duration remaining() {
		Deadline deadline = this.coordinator.getDeadline();
		if (deadline == null) {
			return null;
		}
		Duration remaining = deadline.remaining();
		return remaining.isNegative() ? Duration.ZERO : remaining;
	}

	@Override
	public CompletionStage<DrainReport> shutdown(String reason) {
		this.standby.forbid();
		if (this.requested.compareAndSet(null, new DrainSignal(reason, this.clock.getAsLong()))
				&& this.begun.get() == null) {
			new Thread(this::close, "drain-shutdown").start();
		}
		return this.stage.obtain();
	}

	@Override
	public boolean standBy(String reason) {
		return this.standby.enter(reason);
	}

	@Override
	public boolean resume() {
		return this.standby.leave();
	}

	/**
	 * Return whether nothing was in flight, from the signal to the end of the drain.
	 * @return whether the drain has nothing to report
	 */
	boolean isUneventful() {
		DrainReport report = this.coordinator.getReport();
		return report != null && report.state() == DrainState.DRAINED && report.isEmpty();
	}

	private void close() {
		try {
			this.closeContext.run();
		}
		finally {
			if (this.begun.get() == null) {
				this.report.completeExceptionally(new IllegalStateException("The application was not running"));
			}
		}
	}

	/**
	 * Return how long the closing of the context may take.
	 * @param signal the signal
	 * @return the remaining time in nanoseconds
	 */
	long untilLastCall(DrainSignal signal) {
		return this.plan.startingAt(signal.nanos(), this.clock).lastCall().remainingNanos();
	}

	void logLost() {
		this.coordinator.logLost();
	}

	/**
	 * Drain, unless that has been done. If another thread does it, wait for that thread.
	 * A failure of the drain is logged: the closing must be watched all the same.
	 * @param noticed the signal if no shutdown was {@linkplain #shutdown requested}
	 * @return the instants of this shutdown
	 */
	Timetable drainOnce(DrainSignal noticed) {
		return drainOnce(noticed, UnaryOperator.identity(), Thread.currentThread());
	}

	/**
	 * Drain on behalf of another thread, unless that has been done.
	 * @param noticed the signal if no shutdown was {@linkplain #shutdown requested}
	 * @param limit limits the instants of this shutdown
	 * @param closingThread the thread that waits for the drain, to close the context
	 * @return the instants of this shutdown
	 */
	Timetable drainOnce(DrainSignal noticed, UnaryOperator<Timetable> limit, Thread closingThread) {
		DrainSignal requested = this.requested.get();
		DrainSignal signal = (requested != null) ? requested : noticed;
		Timetable timetable = limit.apply(this.plan.startingAt(signal.nanos(), this.clock));
		Timetable begun = this.begun.compareAndExchange(null, timetable);
		if (begun != null) {
			this.report.handle((report, ex) -> Boolean.TRUE)
				.completeOnTimeout(Boolean.FALSE, begun.deadline().remainingNanos(), TimeUnit.NANOSECONDS)
				.join();
			return begun;
		}
		try {
			DrainReport report = this.coordinator.drain(signal, timetable, closingThread);
			this.report.complete(report);
		}
		catch (Throwable ex) {
			this.report.completeExceptionally(ex);
			BestEffort.error(logger, "The drain failed, and the application context is closed without it", ex);
		}
		return timetable;
	}

	/**
	 * Return whether {@link #shutdown} was called.
	 * @return whether the application was asked to stop
	 */
	boolean isRequested() {
		return this.requested.get() != null;
	}

	Duration getProgressInterval() {
		return this.plan.progressInterval();
	}

	boolean isBegun() {
		return this.begun.get() != null;
	}

	boolean isEnded() {
		return this.report.isDone();
	}

	boolean hasExcused() {
		return this.coordinator.hasExcused();
	}

	void nameInLog(String context) {
		this.coordinator.nameInLog(context);
	}

	ChildContexts getChildren() {
		return this.coordinator.getChildren();
	}

}
