package io.github.gracefulshutdown.tracking;

import org.jspecify.annotations.Nullable;

/**
 * Lets work that is tracked already pass an executor that tracks its tasks, so that it is
 * not counted twice. Each thread has its own mark.
 *
 * @author The Graceful Shutdown authors
 */
public final class TrackedSubmission {

	private static final ThreadLocal<Boolean> mark = new ThreadLocal<>();

	private TrackedSubmission() {
	}

	/**
	 * Submit a task that is tracked already. The mark stays on the calling thread until
	 * an executor {@linkplain #take() takes} the task, the task begins, or the submission
	 * returns.
	 * @param submission submits the task
	 * @param <T> the type of the result
	 * @param <E> the type of the exception
	 * @return the result of the submission
	 * @throws E if the submission throws it
	 */
	public static <T, E extends Throwable> @Nullable T during(Submission<T, E> submission) throws E {
		mark.set(Boolean.TRUE);
		try {
			return submission.submit();
		}
		finally {
			mark.remove();
		}
	}

	/**
	 * Return whether the task that the calling thread submits is tracked already, and
	 * remove the mark.
	 * @return whether the task is submitted {@linkplain #during during} a tracked
	 * submission
	 */
	public static boolean take() {
		boolean result = (mark.get() != null);
		if (result) {
			mark.remove();
		}
		return result;
	}

	/**
	 * Remove the mark, because tracked work begins on the calling thread. Its own
	 * submissions are not tracked already, even if an executor runs the work on the
	 * thread that submits it.
	 */
	public static void end() {
		mark.remove();
	}

	/**
	 * Submits one task.
	 *
	 * @param <T> the type of the result
	 * @param <E> the type of the exception
	 */
	@FunctionalInterface
	public interface Submission<T, E extends Throwable> {

		/**
		 * Submit the task.
		 * @return the result
		 * @throws E if the task cannot be submitted
		 */
		@Nullable T submit() throws E;

	}

}
