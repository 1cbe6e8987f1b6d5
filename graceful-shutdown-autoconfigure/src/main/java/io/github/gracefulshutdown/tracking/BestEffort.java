package io.github.gracefulshutdown.tracking;

import java.util.function.Function;

import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

/**
 * Runs steps of the drain whose failure must not stop the drain: a failure is logged, and
 * the drain goes on.
 *
 * @author The Graceful Shutdown authors
 */
public final class BestEffort {

	private BestEffort() {
	}

	/**
	 * Run one step.
	 * @param logger the log for a failure
	 * @param step names the step in the log
	 * @param code the step
	 */
	public static void run(Log logger, String step, Code code) {
		try {
			code.run();
		}
		catch (Throwable ex) {
			warn(logger, "The drain goes on: %s failed".formatted(step), ex);
		}
	}

	/**
	 * Run the same step for each item. A failure does not affect the items that follow.
	 * @param <T> the type of the items
	 * @param logger the log for failures
	 * @param items the items
	 * @param describe names the step for an item in the log, after a failure only
	 * @param action the step
	 */
	public static <T> void forEach(Log logger, Iterable<? extends T> items, Function<? super T, String> describe,
			Action<? super T> action) {
		for (T item : items) {
			try {
				action.accept(item);
			}
			catch (Throwable ex) {
				warn(logger, "The drain goes on: %s failed".formatted(describe.apply(item)), ex);
			}
		}
	}

	/**
	 * Log a failure, without its stack if the log cannot take that. If the jar of the
	 * application was replaced, the log may not load the classes that it needs for a
	 * stack.
	 * @param logger the log
	 * @param message the message
	 * @param failure the failure, if there is an exception
	 */
	public static void warn(Log logger, String message, @Nullable Throwable failure) {
		log(() -> logger.warn(message, failure), () -> logger.warn(message + ": " + failure));
	}

	/**
	 * Log a failure of the drain itself as an error, without its stack if the log cannot
	 * take that.
	 * @param logger the log
	 * @param message the message
	 * @param failure the failure
	 */
	public static void error(Log logger, String message, Throwable failure) {
		log(() -> logger.error(message, failure), () -> logger.error(message + ": " + failure));
	}

	private static void log(Runnable line, Runnable withoutStack) {
		try {
			line.run();
		}
		catch (LinkageError ex) {
			try {
				withoutStack.run();
			}
			catch (LinkageError again) {
				// Nothing can be logged any more, and the drain goes on
			}
		}
	}

	/**
	 * A step that may fail.
	 */
	@FunctionalInterface
	public interface Code {

		/**
		 * Run the step.
		 * @throws Exception if the step fails
		 */
		void run() throws Exception;

	}

	/**
	 * A step for one item, which may fail.
	 *
	 * @param <T> the type of the item
	 */
	@FunctionalInterface
	public interface Action<T> {

		/**
		 * Run the step.
		 * @param item the item
		 * @throws Exception if the step fails
		 */
		void accept(T item) throws Exception;

	}

}
