package io.github.gracefulshutdown.executor;

import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import org.springframework.scheduling.SchedulingAwareRunnable;

/**
 * The task of a schedule, behind the gate that is closed at the signal: when it is due
 * then, it is skipped, and the schedule goes on.
 *
 * @author The Graceful Shutdown authors
 */
final class Tick implements SchedulingAwareRunnable {

	private final ScheduleWorkload workload;

	private final Runnable task;

	private final @Nullable Consumer<Tick> whenHeldBack;

	Tick(ScheduleWorkload workload, Runnable task, @Nullable Consumer<Tick> whenHeldBack) {
		this.workload = workload;
		this.task = task;
		this.whenHeldBack = whenHeldBack;
	}

	@Override
	public void run() {
		Consumer<Tick> whenHeldBack = this.whenHeldBack;
		if (this.workload.isOpen()) {
			this.task.run();
		}
		else if (whenHeldBack != null) {
			this.workload.holdBack(() -> whenHeldBack.accept(this));
		}
	}

	@Override
	public boolean isLongLived() {
		return this.task instanceof SchedulingAwareRunnable aware && aware.isLongLived();
	}

	@Override
	public @Nullable String getQualifier() {
		return (this.task instanceof SchedulingAwareRunnable aware) ? aware.getQualifier() : null;
	}

	@Override
	public String toString() {
		return this.task.toString();
	}

}
