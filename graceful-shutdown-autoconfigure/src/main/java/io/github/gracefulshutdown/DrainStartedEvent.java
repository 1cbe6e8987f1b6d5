package io.github.gracefulshutdown;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Published at the beginning of a shutdown, and each time the application goes into
 * {@linkplain GracefulShutdown#standBy standby}. At this moment nothing has been stopped.
 * The drain continues when the listeners have returned.
 * <p>
 * A shutdown from standby publishes it again. {@link DrainResumedEvent} follows if the
 * application leaves standby.
 *
 * @param cause the reason for the shutdown or the standby
 * @param remaining the time until the deadline, or {@code null} in standby
 * @author The Graceful Shutdown authors
 */
public record DrainStartedEvent(String cause, @Nullable Duration remaining) {

}
