package io.github.gracefulshutdown.drain;

/**
 * The signal to stop.
 *
 * @param cause the reason, for the log and the report
 * @param nanos its instant on the monotonic clock
 * @author The Graceful Shutdown authors
 */
record DrainSignal(String cause, long nanos) {

}
