package io.github.gracefulshutdown;

import java.time.Duration;

/**
 * Published when the application has left {@linkplain GracefulShutdown#standBy standby}.
 * It accepts traffic and takes in work again, as before the {@link DrainStartedEvent}.
 * Not published if a shutdown has begun meanwhile.
 *
 * @param duration the time in standby
 * @author The Graceful Shutdown authors
 */
public record DrainResumedEvent(Duration duration) {

}
