package io.github.gracefulshutdown.web;

/**
 * Published once in a drain, if there are any responses without end, when the sockets
 * have stopped accepting and right before these are completed: the last moment at which
 * an application can say goodbye in them. They are completed when the listeners have
 * returned.
 *
 * @param streams how many responses will be completed
 * @author The Graceful Shutdown authors
 */
public record StreamsEndingEvent(int streams) {

}
