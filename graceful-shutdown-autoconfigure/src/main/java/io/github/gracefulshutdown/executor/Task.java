package io.github.gracefulshutdown.executor;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

import io.github.gracefulshutdown.SubmittedWork;
import io.github.gracefulshutdown.WorkState;

/**
 * One task of an executor, queued or running.
 *
 * @author The Graceful Shutdown authors
 */
final class Task extends SubmittedWork {

	private final String executor;

	Task(ExecutorWorkload workload, String executor) {
		super(workload);
		this.executor = executor;
	}

	@Override
	public String getName() {
		return this.executor;
	}

	/**
	 * What the executor gets in place of the task that was submitted, and the ticket.
	 *
	 * @param task the task in flight
	 * @param submitted what was submitted
	 * @param code what to run
	 */
	record Tracked(Task task, Runnable submitted, Runnable code) implements Runnable {

		@Override
		public void run() {
			if (!this.task.run()) {
				giveUp();
				return;
			}
			try {
				this.code.run();
				this.task.end(isFailed() ? unsuccessful() : WorkState.COMPLETED);
			}
			catch (Throwable ex) {
				this.task.end(unsuccessful());
				throw ex;
			}
		}

		// Abandoned before it began: whoever waits for its result is told
		private void giveUp() {
			if (this.submitted instanceof Future<?> future) {
				future.cancel(false);
			}
		}

		private boolean isFailed() {
			if (this.submitted instanceof Future<?> future && future.isDone()) {
				try {
					future.get();
				}
				catch (CancellationException | ExecutionException ex) {
					return true;
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}
			return false;
		}

		private WorkState unsuccessful() {
			boolean cancelled = this.task.isCancelled()
					|| (this.submitted instanceof Future<?> future && future.isCancelled());
			return cancelled ? WorkState.CANCELLED : WorkState.FAILED;
		}

		/**
		 * The executor does not take the task.
		 */
		void rejected() {
			this.task.discard(WorkState.REJECTED);
		}

	}

}
