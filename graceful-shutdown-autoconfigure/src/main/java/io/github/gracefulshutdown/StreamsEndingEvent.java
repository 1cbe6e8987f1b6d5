package io.github.gracefulshutdown;

/**
 * Published once in a drain, if there are responses without end: when the sockets have
 * stopped accepting, and right before these responses are completed. It is the last
 * moment at which an application can say goodbye in them; they are completed when the
 * listeners have returned.
 *
 * @param streams how many responses will be completed
 * @author The Graceful Shutdown authors
 */
public record StreamsEndingEvent(int streams) {

}
