package io.github.gracefulshutdown;

import java.time.Duration;

/**
 * Published once in a drain, when the application has stopped accepting and no client
 * waits for an answer any more (or the time for that was over). Listeners may finish what
 * only makes sense after the last request, and may start jobs; the drain waits for them,
 * until what is left is interrupted.
 *
 * @param remaining the time until the deadline
 * @author The Graceful Shutdown authors
 */
public record ServingStoppedEvent(Duration remaining) {

}
