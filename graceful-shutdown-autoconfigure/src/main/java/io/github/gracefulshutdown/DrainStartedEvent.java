package io.github.gracefulshutdown;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Published when the application has been told to stop, or to drain without exit, and
 * before anything has been stopped. The drain goes on when the listeners have returned.
 * Published once by a shutdown, also if that follows a drain without exit, and once by
 * each drain without exit, which may be undone ({@link DrainResumedEvent}).
 *
 * @param cause what told the application to stop, or why it was drained
 * @param remaining the time until the deadline, or {@code null} if the application is
 * drained without exit
 * @author The Graceful Shutdown authors
 */
public record DrainStartedEvent(String cause, @Nullable Duration remaining) {

}
