package io.github.gracefulshutdown.durable;

/**
 * The number of stored jobs of one name in one state. Not for applications.
 *
 * @param name their name when they were stored
 * @param state their state
 * @param count their number, 1 or more
 * @param waitedMillis since when the first of them is or was due, in milliseconds;
 * negative if none is due
 * @author The Graceful Shutdown authors
 */
public record JobCount(String name, DurableJobState state, long count, long waitedMillis) {

}
