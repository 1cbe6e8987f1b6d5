package io.github.gracefulshutdown.executor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.Trigger;

/**
 * Stands before the scheduler of a registrar, whichever that is, and puts each task
 * behind the gate that is closed at the signal.
 *
 * @author The Graceful Shutdown authors
 */
final class GatedTaskScheduler implements TaskScheduler {

	private final TaskScheduler scheduler;

	private final ScheduleWorkload workload;

	GatedTaskScheduler(TaskScheduler scheduler, ScheduleWorkload workload) {
		this.scheduler = scheduler;
		this.workload = workload;
	}

	@Override
	public Clock getClock() {
		return this.scheduler.getClock();
	}

	@Override
	public @Nullable ScheduledFuture<?> schedule(Runnable task, Trigger trigger) {
		return this.scheduler.schedule(gate(task), trigger);
	}

	@Override
	public ScheduledFuture<?> schedule(Runnable task, Instant startTime) {
		return this.scheduler.schedule(this.workload.gate(task, true), startTime);
	}

	@Override
	public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Instant startTime, Duration period) {
		return this.scheduler.scheduleAtFixedRate(gate(task), startTime, period);
	}

	@Override
	public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Duration period) {
		return this.scheduler.scheduleAtFixedRate(gate(task), period);
	}

	@Override
	public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Instant startTime, Duration delay) {
		return this.scheduler.scheduleWithFixedDelay(gate(task), startTime, delay);
	}

	@Override
	public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Duration delay) {
		return this.scheduler.scheduleWithFixedDelay(gate(task), delay);
	}

	private Tick gate(Runnable task) {
		return this.workload.gate(task, false);
	}

}
