package io.github.gracefulshutdown.drain;

/**
 * What told the application to stop, and when.
 *
 * @param cause what it was, for the log and the report
 * @param nanos when it came, on the monotonic clock
 * @author The Graceful Shutdown authors
 */
record DrainSignal(String cause, long nanos) {

}
