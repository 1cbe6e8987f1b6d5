package io.github.gracefulshutdown;

/**
 * Published once in a drain if streams are open: no other work is in flight any more, or
 * the unfinished work is about to be cancelled. This is the last chance to write to them
 * and to complete them. A stream that is still open when the listeners have returned is
 * cut, so that its client does not take it for complete.
 *
 * @param streams the number of open streams
 * @author The Graceful Shutdown authors
 */
public record StreamsEndingEvent(int streams) {

}
