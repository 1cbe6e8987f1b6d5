package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.DrainThreads;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
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

	private static final AtomicBoolean done = new AtomicBoolean();

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
		JvmShutdown.rehearse();
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			context.getBeanFactory().registerSingleton("drainLifecycle", lifecycle(context));
			context.refresh();
		}
	}

	private DrainLifecycle lifecycle(GenericApplicationContext context) {
		DrainPlan plan = new DrainPlan(Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO, Duration.ZERO,
				Duration.ofSeconds(1));
		Log silence = new NoOpLog();
		InFlight inFlight = new InFlight();
		Workload nothing = new TrackedWorkload<>("nothing", inFlight, this.clock) {

			@Override
			public void stopAccepting() {
				BestEffort.forEach(silence, List.of("step"), Function.identity(), (step) -> {
				});
			}

		};
		Workloads workloads = new Workloads(() -> List.of(nothing));
		Readiness readiness = new Readiness(new ApplicationAvailabilityBean(), context,
				context::addApplicationListener);
		Standby standby = new Standby(workloads, readiness, context, this.clock);
		DrainCoordinator coordinator = new DrainCoordinator(silence, plan, inFlight, workloads, readiness, standby,
				context, this.clock);
		DefaultGracefulShutdown shutdown = new DefaultGracefulShutdown(coordinator, standby, workloads, plan,
				context::close, this.clock);
		return new DrainLifecycle(context, shutdown, workloads, Duration.ofSeconds(1), SignalSettings.NONE);
	}

}
