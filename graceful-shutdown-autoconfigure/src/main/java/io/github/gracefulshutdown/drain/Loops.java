package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Recognizes loops in tracked work: work that began before the application was ready,
 * such as a runner, and still runs when all other work has ended. If nobody asked for a
 * shutdown and only the context is closed, as in tests, loops are interrupted. Otherwise
 * they are named in the log.
 *
 * @author The Graceful Shutdown authors
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class Loops implements ApplicationListener<AvailabilityChangeEvent<?>> {

	/**
	 * How long loops may go on after all other work.
	 */
	static final Duration PATIENCE = Duration.ofSeconds(1);

	private static final int NAMED = 3;

	private static final String HINT = " began before the application was ready, and still runs after all other work."
			+ " If it is a loop, end it at DrainStartedEvent, or leave it out:"
			+ " name its executor in graceful-shutdown.jobs.exclude,"
			+ " or set graceful-shutdown.jobs.track-runners=false if it is a runner";

	private final Log logger;

	private final LongSupplier clock;

	private volatile @Nullable Long readyNanos;

	private @Nullable Deadline patience;

	private boolean done;

	Loops(Log logger, LongSupplier clock) {
		this.logger = logger;
		this.clock = clock;
	}

	/**
	 * Note when the application is ready: after its runners, and after the listeners to
	 * {@code ApplicationReadyEvent}, and before the listeners to this event, which may
	 * begin work that has an end.
	 */
	@Override
	public void onApplicationEvent(AvailabilityChangeEvent<?> event) {
		if (this.readyNanos == null && event.getState() == ReadinessState.ACCEPTING_TRAFFIC) {
			this.readyNanos = this.clock.getAsLong();
		}
	}

	@Override
	public boolean supportsAsyncExecution() {
		return false;
	}

	/**
	 * Look for loops. For the thread that drains.
	 * @param workloads all workloads
	 * @param count how much tracked work is in flight
	 * @param othersIdle whether the workloads that are not tracked are idle
	 * @param interrupt whether to interrupt loops
	 */
	void look(List<Workload> workloads, long count, BooleanSupplier othersIdle, boolean interrupt) {
		if (this.done) {
			return;
		}
		Long ready = this.readyNanos;
		List<TrackedWorkload<?>> tracked = workloads.stream()
			.filter(TrackedWorkload.class::isInstance)
			.<TrackedWorkload<?>>map(TrackedWorkload.class::cast)
			.toList();
		List<Work> loops = tracked.stream().flatMap((workload) -> workload.getFromStart(ready).stream()).toList();
		if (loops.isEmpty() || loops.size() < count || !othersIdle.getAsBoolean()) {
			this.patience = null;
		}
		else if (this.patience == null) {
			this.patience = Deadline.in(PATIENCE, this.clock);
		}
		else if (this.patience.isPast()) {
			this.done = true;
			String names = loops.stream().map(Work::getName).distinct().limit(NAMED).collect(Collectors.joining(", "));
			if (interrupt) {
				this.logger.warn("Interrupting " + names + ": it" + HINT);
				tracked.forEach((workload) -> workload.cancelFromStart(ready));
			}
			else {
				this.logger.info("Waiting for " + names + ": it" + HINT);
			}
		}
	}

}
