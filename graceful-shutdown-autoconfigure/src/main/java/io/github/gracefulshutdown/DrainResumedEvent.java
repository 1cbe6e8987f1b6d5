package io.github.gracefulshutdown;

import java.time.Duration;

/**
 * Published when a drain without exit has been undone: the application accepts traffic
 * and takes in work again, as before the {@link DrainStartedEvent}. Not published if a
 * shutdown has begun meanwhile.
 *
 * @param duration how long the drain without exit has lasted
 * @author The Graceful Shutdown authors
 */
public record DrainResumedEvent(Duration duration) {

}
