package io.github.gracefulshutdown;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.DrainPlan.Timetable;
import org.apache.commons.logging.impl.NoOpLog;

import org.springframework.boot.availability.ApplicationAvailabilityBean;

/**
 * A drain of nothing, silently, once after the start. It loads the classes that a real
 * one needs. At the signal that would take time, and might fail: by then, a deployment
 * may have replaced the jar.
 *
 * @author The Graceful Shutdown authors
 */
final class DrainRehearsal {

	private static final AtomicBoolean done = new AtomicBoolean();

	private DrainRehearsal() {
	}

	/**
	 * Rehearse in the background, unless that has been done in this JVM.
	 * @param workloads the real workloads, which are only looked at
	 * @param clock the monotonic clock, in nanoseconds
	 */
	static void start(List<Workload> workloads, LongSupplier clock) {
		if (done.compareAndSet(false, true)) {
			Thread thread = new Thread(() -> run(workloads, clock), "drain-rehearsal");
			thread.setDaemon(true);
			thread.start();
		}
	}

	private static void run(List<Workload> workloads, LongSupplier clock) {
		DrainPlan plan = new DrainPlan(Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO, Duration.ZERO,
				Duration.ofSeconds(1));
		InFlight inFlight = new InFlight();
		TrackedWorkload<Work> nothing = new TrackedWorkload<>("nothing", inFlight, clock) {
		};
		Timetable timetable = plan.startingAt(clock.getAsLong(), clock);
		new DrainCoordinator(new NoOpLog(), plan, inFlight, () -> List.of(nothing), new ApplicationAvailabilityBean(),
				(event) -> {
				}, clock)
			.drain("rehearsal", timetable);
		for (Workload workload : workloads) {
			if (workload instanceof TrackedWorkload<?> tracked) {
				tracked.getInFlight();
				tracked.describe(1);
			}
		}
	}

}
