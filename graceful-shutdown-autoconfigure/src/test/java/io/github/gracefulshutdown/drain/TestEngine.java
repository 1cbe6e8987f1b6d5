package io.github.gracefulshutdown.drain;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import io.github.gracefulshutdown.tracking.InFlight;

import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;

/**
 * The engine, put together as the auto-configuration does it.
 *
 * @author The Graceful Shutdown authors
 */
final class TestEngine {

	private final DrainPlan plan;

	private final LongSupplier clock;

	private final List<ApplicationListener<?>> listeners = new CopyOnWriteArrayList<>();

	private final Workloads workloads;

	private final Standby standby;

	private final DrainCoordinator coordinator;

	TestEngine(DrainPlan plan, InFlight inFlight, Supplier<List<Workload>> workloads,
			ApplicationAvailability availability, ApplicationEventPublisher events, LongSupplier clock) {
		this.plan = plan;
		this.clock = clock;
		this.workloads = new Workloads(workloads);
		Readiness readiness = new Readiness(availability, events, this.listeners::add);
		this.standby = new Standby(this.workloads, readiness, events, clock);
		this.coordinator = new DrainCoordinator(plan, inFlight, this.workloads, readiness, this.standby, events, clock);
	}

	/**
	 * Return the listeners that the engine has added to the context.
	 * @return the listeners
	 */
	List<ApplicationListener<?>> listeners() {
		return this.listeners;
	}

	Workloads workloads() {
		return this.workloads;
	}

	Standby standby() {
		return this.standby;
	}

	DrainCoordinator coordinator() {
		return this.coordinator;
	}

	/**
	 * Drain on the calling thread, which closes the application.
	 * @param coordinator the engine
	 * @param cause the reason
	 * @param timetable the instants of the shutdown
	 * @return the report
	 */
	static DrainReport drain(DrainCoordinator coordinator, String cause, Timetable timetable) {
		return coordinator.drain(new DrainSignal(cause, timetable.signal().nanos()), timetable, Thread.currentThread());
	}

	DefaultGracefulShutdown shutdown(Runnable closeContext) {
		return new DefaultGracefulShutdown(this.coordinator, this.standby, this.workloads, this.plan, closeContext,
				this.clock);
	}

}
