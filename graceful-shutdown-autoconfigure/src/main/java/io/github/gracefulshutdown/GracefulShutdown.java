package io.github.gracefulshutdown;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

/**
 * The shutdown of this application: how far it is, and ways to start it, or to drain
 * without exit. Applications inject it. All methods are thread-safe; only
 * {@link #drain(String)} and {@link #resume()} block.
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
	 * @return the time, zero once the deadline has passed, or {@code null} as long as no
	 * shutdown has begun
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

	/**
	 * Drain without exit: refuse traffic, stop taking in work that no client waits for
	 * (messages, ticks of schedules), and tell HTTP/1 clients to close their connections.
	 * Everything is still served, nothing is cancelled, jobs are not told to stop, and
	 * there is no deadline. It lasts until it is {@linkplain #resume() undone}, or the
	 * application is shut down; a shutdown goes on from there.
	 * <p>
	 * Returns when all have been told, not when their work has ended, which
	 * {@link #inFlight()} shows. Each listener to {@link DrainStartedEvent} and each
	 * {@link Workload} is given ten seconds. Not to be called by one of them.
	 * @param reason why, for the log and the event
	 * @return whether this call has begun it; {@code false} if that had been done, or a
	 * shutdown has begun
	 */
	boolean drain(String reason);

	/**
	 * Undo a {@linkplain #drain(String) drain without exit}, if no shutdown has begun:
	 * take in work again, accept traffic, unless something else refuses it too, and
	 * publish {@link DrainResumedEvent}.
	 * <p>
	 * Returns when all have been told, within the same limits. A message listener that is
	 * still busy with the message in hand is started again when that has ended.
	 * @return whether this call has undone it; {@code false} if there was nothing to
	 * undo, or a shutdown has begun
	 */
	boolean resume();

}
