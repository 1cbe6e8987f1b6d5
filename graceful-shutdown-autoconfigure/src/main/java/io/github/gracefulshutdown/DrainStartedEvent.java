package io.github.gracefulshutdown;

import java.time.Duration;

/**
 * Published once, when the application has been told to stop and before anything has been
 * stopped. The drain goes on when the listeners have returned.
 *
 * @param cause what told the application to stop
 * @param remaining the time until the deadline
 * @author The Graceful Shutdown authors
 */
public record DrainStartedEvent(String cause, Duration remaining) {

}
