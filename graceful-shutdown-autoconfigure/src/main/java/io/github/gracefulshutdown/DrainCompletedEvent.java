package io.github.gracefulshutdown;

/**
 * Published once, when the drain has ended. All beans still work, and meter registries
 * are still open. New jobs and requests are rejected. The application context is closed
 * when the listeners have returned.
 *
 * @param report the report of the drain
 * @author The Graceful Shutdown authors
 */
public record DrainCompletedEvent(DrainReport report) {

}
