package io.github.gracefulshutdown;

/**
 * Published once in a drain if responses without end are open. The sockets have stopped
 * accepting, and the responses are completed when the listeners have returned. This is
 * the last chance to write to them.
 *
 * @param streams the number of responses that will be completed
 * @author The Graceful Shutdown authors
 */
public record StreamsEndingEvent(int streams) {

}
