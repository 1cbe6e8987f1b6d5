package io.github.gracefulshutdown.executor;

import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadPoolExecutor;

import org.jspecify.annotations.Nullable;

/**
 * Notes that a task was rejected. The handler of the application gets a task of a class
 * of the application as it was submitted, so that it can recognise it.
 *
 * @param handler the handler of the application
 * @param handedOver called when the handler has taken such a task: it may have put it
 * into the queue, where it is not tracked
 * @author The Graceful Shutdown authors
 */
record NotingHandler(RejectedExecutionHandler handler, Runnable handedOver) implements RejectedExecutionHandler {

	/**
	 * Return whether a handler may reject a task, or recognise it.
	 * @param handler the handler of an executor
	 * @return {@code false} if it runs or drops all tasks
	 */
	static boolean isNeeded(RejectedExecutionHandler handler) {
		return !(handler instanceof NotingHandler || handler instanceof ThreadPoolExecutor.CallerRunsPolicy
				|| handler instanceof ThreadPoolExecutor.DiscardPolicy
				|| handler instanceof ThreadPoolExecutor.DiscardOldestPolicy);
	}

	@Override
	public void rejectedExecution(Runnable task, ThreadPoolExecutor executor) {
		if (!(task instanceof Task.TrackedRunnable tracked)) {
			this.handler.rejectedExecution(task, executor);
			return;
		}
		Runnable recognisable = findRecognisable(tracked);
		try {
			this.handler.rejectedExecution((recognisable != null) ? recognisable : tracked, executor);
			if (recognisable != null) {
				this.handedOver.run();
				tracked.rejected();
			}
		}
		catch (RuntimeException ex) {
			tracked.rejected();
			throw ex;
		}
	}

	// Nobody can recognise a lambda, or tell a future from its tracked one
	private @Nullable Runnable findRecognisable(Task.TrackedRunnable tracked) {
		Runnable submitted = tracked.getUndecorated();
		if (submitted == null || this.handler instanceof ThreadPoolExecutor.AbortPolicy) {
			return null;
		}
		Class<?> type = submitted.getClass();
		boolean known = type.isHidden() || type.getName().startsWith("java.")
				|| type.getName().startsWith("org.springframework.");
		return known ? null : submitted;
	}

}
