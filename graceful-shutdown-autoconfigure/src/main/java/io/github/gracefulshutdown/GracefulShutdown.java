package io.github.gracefulshutdown;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

/**
 * The shutdown of this application: how far it is, and a way to start it. Applications
 * inject it. All methods are thread-safe and none blocks.
 *
 * @author The Graceful Shutdown authors
 */
public interface GracefulShutdown {

	/**
	 * Return how far the shutdown is.
	 * @return the state, {@link DrainState#RUNNING} as long as nothing has told the
	 * application to stop
	 */
	DrainState state();

	/**
	 * Return how much work is in flight, over all workloads.
	 * @return the number, 0 or more
	 */
	long inFlight();

	/**
	 * Return the time until the deadline, at which unfinished work is abandoned.
	 * @return the time, zero once the deadline has passed, or {@code null} while
	 * {@link DrainState#RUNNING}
	 */
	@Nullable Duration remaining();

	/**
	 * Shut the application down: drain it, and close its application context, in a thread
	 * of its own. The grace period begins with this call. If the shutdown has begun
	 * already, whatever began it, this joins it and the reason is ignored.
	 * <p>
	 * As with {@code SpringApplication}'s own handling, the process ends when the context
	 * is closed and no other non-daemon thread lives.
	 * @param reason why, for the log and the report
	 * @return completed with the report when the drain has ended, before beans are
	 * destroyed
	 */
	CompletionStage<DrainReport> shutdown(String reason);

}
