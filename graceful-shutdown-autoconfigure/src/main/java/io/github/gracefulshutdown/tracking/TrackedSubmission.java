package io.github.gracefulshutdown.tracking;

/**
 * Lets work that is tracked already pass an executor that tracks its tasks, so that it is
 * not counted twice. Each thread has its own.
 *
 * @author The Graceful Shutdown authors
 */
public final class TrackedSubmission {

	private static final ThreadLocal<Boolean> announced = new ThreadLocal<>();

	private TrackedSubmission() {
	}

	/**
	 * The next task that the calling thread submits is tracked already. To be followed by
	 * {@link #take()} in any case, since the executor may be one that does not ask.
	 */
	public static void announce() {
		announced.set(Boolean.TRUE);
	}

	/**
	 * Return whether the task that the calling thread submits is tracked already, and
	 * forget that.
	 * @return whether it was announced
	 */
	public static boolean take() {
		boolean result = (announced.get() != null);
		if (result) {
			announced.remove();
		}
		return result;
	}

}
