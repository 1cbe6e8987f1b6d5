package io.github.gracefulshutdown.dbscheduler;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import com.github.kagkarlsson.scheduler.CurrentlyExecuting;
import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import com.github.kagkarlsson.scheduler.event.SchedulerListener.SchedulerEventType;
import io.github.gracefulshutdown.tracking.DrainThreads;
import io.github.gracefulshutdown.tracking.PrivateFields;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler that is paused at the signal, and stopped when no client waits any more.
 * That is when plain Spring Boot stops it, too: executions that ask
 * {@link com.github.kagkarlsson.scheduler.SchedulerState#isShuttingDown()} end as early
 * as there. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class DrainedScheduler {

	private final Scheduler scheduler;

	private boolean paused;

	/**
	 * Runs {@link Scheduler#stop()}, which waits for the executions and interrupts them
	 * when it is interrupted itself.
	 */
	private @Nullable Thread stopping;

	DrainedScheduler(Scheduler scheduler) {
		this.scheduler = scheduler;
		// Its list of listeners must not change while executions begin
		if (!scheduler.getSchedulerState().isStarted()) {
			listen();
		}
	}

	private void listen() {
		this.scheduler.registerSchedulerListener(new AbstractSchedulerListener() {

			@Override
			public void onSchedulerEvent(SchedulerEventType type) {
				if (type == SchedulerEventType.RAN_EXECUTE_DUE) {
					fetched();
				}
			}

		});
	}

	boolean is(Scheduler scheduler) {
		return this.scheduler == scheduler;
	}

	List<CurrentlyExecuting> getRunning() {
		return this.scheduler.getCurrentlyExecuting();
	}

	/**
	 * Pick no execution any more, unless the application has paused the scheduler itself.
	 */
	synchronized void pause() {
		if (!this.scheduler.getSchedulerState().isPaused()) {
			this.paused = true;
			this.scheduler.pause();
			forgetFetched();
		}
	}

	/**
	 * Pick executions again, unless the application had paused the scheduler itself.
	 */
	synchronized void resume() {
		if (this.paused) {
			this.paused = false;
			this.scheduler.resume();
			this.scheduler.triggerCheckForDueExecutions();
		}
	}

	/**
	 * The scheduler may have begun to fetch before it was paused.
	 */
	private synchronized void fetched() {
		if (this.paused) {
			forgetFetched();
		}
	}

	/**
	 * The scheduler has up to three times as many executions in its queue as it has
	 * threads. They are not yet picked, and would begin in spite of the pause. They are
	 * stale as soon as others are fetched. Without these fields, they begin until the
	 * scheduler is stopped.
	 */
	private void forgetFetched() {
		Object candidates = PrivateFields.read(this.scheduler, "executeDueStrategy");
		if (PrivateFields.read(candidates, "currentGenerationNumber") instanceof AtomicInteger generation) {
			generation.incrementAndGet();
		}
	}

	/**
	 * Begin to stop the scheduler, unless the application has done so.
	 */
	synchronized void stop() {
		if (this.stopping == null && !this.scheduler.getSchedulerState().isShuttingDown()) {
			this.stopping = DrainThreads.create("db-scheduler", this.scheduler::stop);
			this.stopping.start();
		}
	}

	/**
	 * Stop the scheduler when its bean is destroyed, unless it was stopped before.
	 */
	void destroy() {
		if (!isStopping()) {
			this.scheduler.stop();
		}
	}

	private synchronized boolean isStopping() {
		return this.stopping != null;
	}

	synchronized boolean isIdle() {
		return (this.stopping == null || !this.stopping.isAlive()) && getRunning().isEmpty();
	}

	/**
	 * Interrupt the executions.
	 */
	synchronized void interrupt() {
		if (this.stopping != null) {
			this.stopping.interrupt();
		}
	}

}
