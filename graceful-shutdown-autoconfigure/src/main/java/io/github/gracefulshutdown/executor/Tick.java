package io.github.gracefulshutdown.executor;

import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

import org.springframework.scheduling.SchedulingAwareRunnable;

/**
 * The task of a schedule, behind the gate that is closed at the signal. A run that is due
 * while the gate is closed is skipped, and the schedule goes on.
 *
 * @author The Graceful Shutdown authors
 */
final class Tick implements SchedulingAwareRunnable {

	private final Runnable task;

	private final BooleanSupplier open;

	Tick(Runnable task, BooleanSupplier open) {
		this.task = task;
		this.open = open;
	}

	@Override
	public void run() {
		if (this.open.getAsBoolean()) {
			this.task.run();
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
