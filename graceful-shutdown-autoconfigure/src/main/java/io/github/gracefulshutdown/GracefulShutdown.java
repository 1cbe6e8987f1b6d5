package io.github.gracefulshutdown;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

/**
 * The shutdown of this application: its state, and methods to start it or to go into
 * standby. Applications inject it. All methods are thread-safe. Only {@link #standBy} and
 * {@link #resume()} block.
 *
 * @author The Graceful Shutdown authors
 */
public interface GracefulShutdown {

	/**
	 * Return the state of the shutdown.
	 * @return the state, {@link DrainState#RUNNING} until a shutdown or standby
	 */
	DrainState state();

	/**
	 * Return the number of work in flight in all workloads. A workload that fails to
	 * count is left out.
	 * @return the number, 0 or more
	 */
	long inFlight();

	/**
	 * Return the time until the deadline, at which unfinished work is abandoned.
	 * @return the time, zero once the deadline has passed, or {@code null} before a
	 * shutdown
	 */
	@Nullable Duration remaining();

	/**
	 * Shut the application down: drain it and close its application context, on a
	 * separate thread. The grace period begins with this call. If a shutdown has begun
	 * already, this call joins it and ignores the reason.
	 * <p>
	 * The process ends when the context is closed and no other non-daemon thread lives,
	 * as it does without this library. The log names such threads.
	 * @param reason the reason, for the log and the report
	 * @return completed with the report when the drain has ended, before beans are
	 * destroyed
	 */
	CompletionStage<DrainReport> shutdown(String reason);

	/**
	 * Go into standby: refuse traffic, stop taking in work that no client waits for
	 * (messages, ticks of schedules), and ask HTTP/1 clients to close their connections.
	 * The application still serves every request, cancels nothing, and does not notify
	 * jobs. There is no deadline. Standby lasts until {@link #resume()} or until a
	 * shutdown, which goes on from there.
	 * <p>
	 * Blocks until every workload has been notified, not until its work has ended. Each
	 * listener to {@link DrainStartedEvent} and each {@link Workload} gets at most ten
	 * seconds, and must not call this method.
	 * @param reason the reason, for the log and the event
	 * @return {@code true} if this call changed the state; {@code false} if the
	 * application is in standby already, or a shutdown has begun
	 */
	boolean standBy(String reason);

	/**
	 * Leave {@linkplain #standBy standby}: take in work again, accept traffic unless
	 * another component refuses it too, and publish {@link DrainResumedEvent}.
	 * <p>
	 * Blocks until every workload has been notified, within the same limits. A message
	 * listener that is still busy starts again when its message is finished.
	 * @return {@code true} if this call changed the state; {@code false} if the
	 * application is not in standby, or a shutdown has begun
	 */
	boolean resume();

}
