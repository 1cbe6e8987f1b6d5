package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.DrainThreads;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.impl.NoOpLog;

import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Loads the classes of the drain once the application has started, before its runners: it
 * drains and closes two application contexts, silently and in the background. One is
 * empty, and the work in the other never ends. A deployment may have replaced the jar
 * before the signal, and then classes can no longer be loaded from it. Classes that only
 * one kind of work needs are not among them: if one is missing, that step of the drain
 * fails, and the others go on.
 *
 * @author The Graceful Shutdown authors
 */
public final class DrainRehearsal implements ApplicationListener<ApplicationStartedEvent> {

	private static final AtomicBoolean done = new AtomicBoolean();

	/**
	 * The work is interrupted after 50 ms, and abandoned after 100.
	 */
	private static final DrainPlan EXPIRING = new DrainPlan(Duration.ofSeconds(1), Duration.ofMillis(900),
			Duration.ZERO, Duration.ofMillis(50), Duration.ofMillis(10));

	/**
	 * More than any of the two takes.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final LongSupplier clock;

	/**
	 * Create a rehearsal.
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public DrainRehearsal(LongSupplier clock) {
		this.clock = clock;
	}

	/**
	 * Rehearse in the background, once in this JVM.
	 */
	@Override
	public void onApplicationEvent(ApplicationStartedEvent event) {
		if (done.compareAndSet(false, true)) {
			DrainThreads.start("rehearsal", this::run);
		}
	}

	@Override
	public boolean supportsAsyncExecution() {
		return false;
	}

	void run() {
		RemainingThreads.describe(Map.of());
		run(new DrainPlan(Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1)),
				0);
		run(EXPIRING, 2);
	}

	private void run(DrainPlan plan, int works) {
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			context.registerBean("drainLifecycle", DrainLifecycle.class, () -> lifecycle(context, plan, works));
			context.refresh();
			JvmShutdown.rehearse(context, PATIENCE);
		}
	}

	private DrainLifecycle lifecycle(GenericApplicationContext context, DrainPlan plan, int works) {
		Log silence = new NoOpLog();
		InFlight inFlight = new InFlight();
		Rehearsed rehearsed = new Rehearsed(inFlight, this.clock, silence);
		rehearsed.admit(works);
		Workloads workloads = new Workloads(() -> List.of(rehearsed));
		Readiness readiness = new Readiness(new ApplicationAvailabilityBean(), context,
				context::addApplicationListener);
		Standby standby = new Standby(workloads, readiness, context, this.clock);
		DrainCoordinator coordinator = new DrainCoordinator(silence, plan, inFlight, workloads, readiness, standby,
				context, this.clock);
		DefaultGracefulShutdown shutdown = new DefaultGracefulShutdown(coordinator, standby, workloads, plan,
				context::close, this.clock);
		return new DrainLifecycle(context, shutdown, workloads, Duration.ofSeconds(1), SignalSettings.NONE);
	}

	/**
	 * Work that never ends.
	 */
	private static final class Rehearsed extends TrackedWorkload<Work> implements ServingWorkload {

		private final Log logger;

		private Rehearsed(InFlight inFlight, LongSupplier clock, Log logger) {
			super("rehearsal", inFlight, clock);
			this.logger = logger;
		}

		// One that has begun, and others in the queue
		private void admit(int number) {
			for (int i = 0; i < number; i++) {
				Work work = new Work(this) {
				};
				if (tryAdmit(work) && i == 0) {
					work.beginDetached();
				}
			}
		}

		@Override
		public boolean enterLameDuck() {
			return false;
		}

		@Override
		public void stopAccepting() {
			BestEffort.forEach(this.logger, List.of("step"), Function.identity(), (step) -> {
			});
		}

	}

}
