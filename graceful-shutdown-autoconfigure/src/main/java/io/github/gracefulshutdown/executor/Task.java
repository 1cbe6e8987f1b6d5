package io.github.gracefulshutdown.executor;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.Work;
import org.jspecify.annotations.Nullable;

/**
 * One task of an executor, queued or running.
 *
 * @author The Graceful Shutdown authors
 */
final class Task extends Work {

	private final ExecutorWorkload workload;

	private final String executor;

	Task(ExecutorWorkload workload, String executor, boolean foreign) {
		super(workload, foreign);
		this.workload = workload;
		this.executor = executor;
	}

	@Override
	public String getName() {
		return this.executor;
	}

	@Override
	protected boolean mayBeLoop() {
		return true;
	}

	@Override
	protected void onEnd(WorkState outcome) {
		this.workload.ended(this);
	}

	/**
	 * Wrap the submitted task. The executor gets the result in its place, so that this is
	 * also the ticket.
	 * @param submitted the submitted task
	 * @param code the code to run
	 * @return the tracked code, which is a future if the submitted task is one
	 */
	TrackedRunnable track(Runnable submitted, Runnable code) {
		return (submitted instanceof Future<?> future) ? new TrackedFuture(this, submitted, future, code)
				: new TrackedRunnable(this, submitted, code);
	}

	/**
	 * Return the outcome of a task whose future has captured its exception.
	 * @param future the future
	 * @param task the task
	 * @return the outcome; if only the future was cancelled, the task has completed
	 */
	static WorkState outcomeOf(Future<?> future, Task task) {
		if (future.isDone()) {
			try {
				future.get();
			}
			catch (ExecutionException ex) {
				return task.isCancelled() ? WorkState.CANCELLED : WorkState.FAILED;
			}
			catch (CancellationException ex) {
				return task.isCancelled() ? WorkState.CANCELLED : WorkState.COMPLETED;
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
		return WorkState.COMPLETED;
	}

	/**
	 * The code of a task, with its beginning and its end.
	 */
	static class TrackedRunnable implements Runnable {

		private final Task task;

		private final Runnable submitted;

		private final Runnable code;

		TrackedRunnable(Task task, Runnable submitted, Runnable code) {
			this.task = task;
			this.submitted = submitted;
			this.code = code;
		}

		/**
		 * Return the task of the application, as it would be without tracking.
		 * @return the submitted task, or {@code null} if a decorator or a future has
		 * taken its place
		 */
		@Nullable Runnable getUndecorated() {
			return (this.code == this.submitted) ? this.submitted : null;
		}

		@Override
		public String toString() {
			return this.code.toString();
		}

		@Override
		public void run() {
			if (!this.task.attach()) {
				giveUp();
				return;
			}
			try {
				this.code.run();
				this.task.end(outcome(this.task));
			}
			catch (Throwable ex) {
				this.task.end(this.task.isCancelled() ? WorkState.CANCELLED : WorkState.FAILED);
				throw ex;
			}
		}

		/**
		 * The task was abandoned before it began.
		 */
		void giveUp() {
		}

		WorkState outcome(Task task) {
			return WorkState.COMPLETED;
		}

		/**
		 * The executor has rejected the task.
		 */
		void rejected() {
			this.task.discard(WorkState.REJECTED);
		}

	}

	/**
	 * The executor may also use the submitted task as a future.
	 */
	private static final class TrackedFuture extends TrackedRunnable implements RunnableFuture<Object> {

		private final Future<?> future;

		TrackedFuture(Task task, Runnable submitted, Future<?> future, Runnable code) {
			super(task, submitted, code);
			this.future = future;
		}

		@Override
		void giveUp() {
			this.future.cancel(false);
		}

		@Override
		WorkState outcome(Task task) {
			if (this.future.isCancelled()) {
				return WorkState.CANCELLED;
			}
			return outcomeOf(this.future, task);
		}

		@Override
		public boolean cancel(boolean mayInterruptIfRunning) {
			return this.future.cancel(mayInterruptIfRunning);
		}

		@Override
		public boolean isCancelled() {
			return this.future.isCancelled();
		}

		@Override
		public boolean isDone() {
			return this.future.isDone();
		}

		@Override
		public Object get() throws InterruptedException, ExecutionException {
			return this.future.get();
		}

		@Override
		public Object get(long timeout, TimeUnit unit)
				throws InterruptedException, ExecutionException, TimeoutException {
			return this.future.get(timeout, unit);
		}

	}

}
