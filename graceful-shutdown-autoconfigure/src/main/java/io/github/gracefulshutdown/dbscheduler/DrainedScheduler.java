package io.github.gracefulshutdown.dbscheduler;

import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import com.github.kagkarlsson.scheduler.CurrentlyExecuting;
import com.github.kagkarlsson.scheduler.FetchCandidates;
import com.github.kagkarlsson.scheduler.Scheduler;
import io.github.gracefulshutdown.tracking.DrainThreads;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ReflectionUtils;

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
	 * The scheduler has up to three times as many executions in its queue as it has
	 * threads. They are not yet picked, and would begin in spite of the pause. They are
	 * stale as soon as others are fetched. Without these fields, they begin until the
	 * scheduler is stopped.
	 */
	private void forgetFetched() {
		if (read(this.scheduler, Scheduler.class, "executeDueStrategy") instanceof FetchCandidates candidates
				&& read(candidates, FetchCandidates.class,
						"currentGenerationNumber") instanceof AtomicInteger generation) {
			generation.incrementAndGet();
		}
	}

	private static @Nullable Object read(Object object, Class<?> type, String name) {
		Field field = ReflectionUtils.findField(type, name);
		if (field == null) {
			return null;
		}
		ReflectionUtils.makeAccessible(field);
		return ReflectionUtils.getField(field, object);
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
