package io.github.gracefulshutdown.executor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Supplier;

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

	private static final ThreadLocal<Boolean> submitting = new ThreadLocal<>();

	private final TaskScheduler scheduler;

	private final ScheduleWorkload workload;

	GatedTaskScheduler(TaskScheduler scheduler, ScheduleWorkload workload) {
		this.scheduler = scheduler;
		this.workload = workload;
	}

	/**
	 * Return whether what the calling thread schedules is behind the gate, so that it
	 * need not be held back by the scheduler.
	 * @return whether it is gated
	 */
	static boolean isSubmitting() {
		return submitting.get() != null;
	}

	@Override
	public Clock getClock() {
		return this.scheduler.getClock();
	}

	@Override
	public @Nullable ScheduledFuture<?> schedule(Runnable task, Trigger trigger) {
		return submit(() -> this.scheduler.schedule(gate(task), trigger));
	}

	@Override
	public ScheduledFuture<?> schedule(Runnable task, Instant startTime) {
		return submit(() -> this.scheduler.schedule(
				this.workload.gate(task, (tick) -> this.scheduler.schedule(tick, getClock().instant())), startTime));
	}

	@Override
	public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Instant startTime, Duration period) {
		return submit(() -> this.scheduler.scheduleAtFixedRate(gate(task), startTime, period));
	}

	@Override
	public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Duration period) {
		return submit(() -> this.scheduler.scheduleAtFixedRate(gate(task), period));
	}

	@Override
	public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Instant startTime, Duration delay) {
		return submit(() -> this.scheduler.scheduleWithFixedDelay(gate(task), startTime, delay));
	}

	@Override
	public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Duration delay) {
		return submit(() -> this.scheduler.scheduleWithFixedDelay(gate(task), delay));
	}

	private Tick gate(Runnable task) {
		return this.workload.gate(task, null);
	}

	private static <T extends @Nullable Object> T submit(Supplier<T> submission) {
		submitting.set(Boolean.TRUE);
		try {
			return submission.get();
		}
		finally {
			submitting.remove();
		}
	}

}
