package io.github.gracefulshutdown.drain;

import org.jspecify.annotations.Nullable;

/**
 * Waits that an interrupt does not end. Whoever interrupts the closing thread cannot know
 * how much work would be lost. The interrupt stays pending.
 *
 * @author The Graceful Shutdown authors
 */
final class Uninterruptibly {

	private Uninterruptibly() {
	}

	/**
	 * Wait, again after each interrupt.
	 * @param <T> the type of the result
	 * @param <X> the type of exception
	 * @param wait the wait, which computes its remaining time each time it is called
	 * @return its result
	 * @throws X if the wait fails
	 */
	static <T extends @Nullable Object, X extends Exception> T get(Wait<T, X> wait) throws X {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return wait.get();
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * A wait.
	 *
	 * @param <T> the type of the result
	 * @param <X> the type of exception
	 */
	@FunctionalInterface
	interface Wait<T extends @Nullable Object, X extends Exception> {

		T get() throws InterruptedException, X;

	}

}
