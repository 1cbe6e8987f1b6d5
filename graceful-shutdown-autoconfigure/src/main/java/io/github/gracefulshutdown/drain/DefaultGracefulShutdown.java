package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

/**
 * Sees to it that the drain runs once, whoever asks for it and however many do.
 *
 * @author The Graceful Shutdown authors
 */
public final class DefaultGracefulShutdown implements GracefulShutdown {

	private final DrainCoordinator coordinator;

	private final DrainPlan plan;

	private final Runnable closeContext;

	private final LongSupplier clock;

	private final AtomicReference<@Nullable DrainSignal> requested = new AtomicReference<>();

	private final AtomicBoolean begun = new AtomicBoolean();

	private final CompletableFuture<DrainReport> report = new CompletableFuture<>();

	/**
	 * Made only if somebody asks. What is chained to it is not the closing thread's to
	 * run.
	 */
	private final SingletonSupplier<CompletionStage<DrainReport>> told = SingletonSupplier
		.of(() -> this.report.whenCompleteAsync((report, ex) -> {
		}, DefaultGracefulShutdown::startDaemon).minimalCompletionStage());

	/**
	 * Create a graceful shutdown.
	 * @param coordinator what drains
	 * @param plan how the grace period is divided
	 * @param closeContext closes the application context, and returns when it is closed
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public DefaultGracefulShutdown(DrainCoordinator coordinator, DrainPlan plan, Runnable closeContext,
			LongSupplier clock) {
		this.coordinator = coordinator;
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
		return this.coordinator.getWorkloads().stream().mapToLong(Workload::getInFlight).sum();
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

	List<Workload> getWorkloads() {
		return this.coordinator.getWorkloads();
	}

	@Override
	public CompletionStage<DrainReport> shutdown(String reason) {
		this.coordinator.forbidResume();
		if (this.requested.compareAndSet(null, new DrainSignal(reason, this.clock.getAsLong())) && !this.begun.get()) {
			new Thread(this::close, "drain-shutdown").start();
		}
		return this.told.obtain();
	}

	@Override
	public boolean drain(String reason) {
		return this.coordinator.drainWithoutExit(reason);
	}

	@Override
	public boolean resume() {
		return this.coordinator.resume();
	}

	private void close() {
		try {
			this.closeContext.run();
		}
		finally {
			if (!this.begun.get()) {
				this.report.completeExceptionally(new IllegalStateException("The application was not running"));
			}
		}
	}

	/**
	 * Drain, unless that has been done; if another thread does it, wait for that.
	 * @param noticed what the closing of the context looks like, if no shutdown was
	 * {@linkplain #shutdown requested} before
	 * @return the instants of this shutdown
	 */
	Timetable drain(DrainSignal noticed) {
		DrainSignal requested = this.requested.get();
		DrainSignal signal = (requested != null) ? requested : noticed;
		Timetable timetable = this.plan.startingAt(signal.nanos(), this.clock);
		if (this.begun.compareAndSet(false, true)) {
			try {
				DrainReport report = this.coordinator.drain(signal.cause(), timetable);
				this.report.complete(report);
			}
			catch (Throwable ex) {
				this.report.completeExceptionally(ex);
				throw ex;
			}
		}
		else {
			this.report.handle((report, ex) -> Boolean.TRUE)
				.completeOnTimeout(Boolean.FALSE, timetable.deadline().remainingNanos(), TimeUnit.NANOSECONDS)
				.join();
		}
		return timetable;
	}

	private static void startDaemon(Runnable code) {
		Thread thread = new Thread(code, "drain-report");
		thread.setDaemon(true);
		thread.start();
	}

}
