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
 * drains and closes an empty application context, silently and in the background. A
 * deployment may have replaced the jar before the signal, and then classes can no longer
 * be loaded from it. Classes that only one kind of work needs are not among them: if one
 * is missing, that step of the drain fails, and the others go on.
 *
 * @author The Graceful Shutdown authors
 */
public final class DrainRehearsal implements ApplicationListener<ApplicationStartedEvent> {

	/**
	 * Tells its context from those of applications.
	 */
	static final String CONTEXT_ID = "graceful-shutdown-rehearsal";

	private static final AtomicBoolean done = new AtomicBoolean();

	private static final Duration SECOND = Duration.ofSeconds(1);

	/**
	 * More than it takes.
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
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			context.setId(CONTEXT_ID);
			context.registerBean("drainLifecycle", DrainLifecycle.class, () -> lifecycle(context));
			context.refresh();
			JvmShutdown.rehearse(context, PATIENCE);
		}
	}

	private DrainLifecycle lifecycle(GenericApplicationContext context) {
		Log silence = new NoOpLog();
		DrainPlan plan = new DrainPlan(SECOND, Duration.ZERO, Duration.ZERO, Duration.ZERO, SECOND);
		InFlight inFlight = new InFlight();
		Rehearsed rehearsed = new Rehearsed(inFlight, this.clock, silence);
		Workloads workloads = new Workloads(() -> List.of(rehearsed));
		Readiness readiness = new Readiness(new ApplicationAvailabilityBean(), context,
				context::addApplicationListener);
		Standby standby = new Standby(workloads, readiness, context, this.clock);
		DrainCoordinator coordinator = new DrainCoordinator(silence, plan, inFlight, workloads, readiness, standby,
				context, this.clock);
		DefaultGracefulShutdown shutdown = new DefaultGracefulShutdown(coordinator, standby, workloads, plan,
				context::close, this.clock);
		return new DrainLifecycle(context, shutdown, workloads, SECOND, SignalSettings.NONE);
	}

	/**
	 * A workload of each kind, without work.
	 */
	private static final class Rehearsed extends TrackedWorkload<Work> implements ServingWorkload {

		private final Log logger;

		private Rehearsed(InFlight inFlight, LongSupplier clock, Log logger) {
			super("rehearsal", inFlight, clock);
			this.logger = logger;
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
