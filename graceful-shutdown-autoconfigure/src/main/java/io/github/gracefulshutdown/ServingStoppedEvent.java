package io.github.gracefulshutdown;

import java.time.Duration;

/**
 * Published once in a drain, when the application has stopped accepting and no client
 * waits for an answer any more, or when the time for that is over. Streams may still be
 * open, until the remaining work has ended. Listeners can do their final work after the
 * last request, and can start jobs. The drain waits for them until it cancels the
 * remaining work.
 *
 * @param remaining the time until the deadline
 * @author The Graceful Shutdown authors
 */
public record ServingStoppedEvent(Duration remaining) {

}
