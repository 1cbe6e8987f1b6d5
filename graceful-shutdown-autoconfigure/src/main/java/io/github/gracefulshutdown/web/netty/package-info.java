/**
 * Reactor Netty's server while the application drains.
 * <p>
 * <strong>Plain Reactor Netty:</strong> Spring Boot disposes of the server. That closes
 * the socket, resets the connections in the accept backlog, and closes all idle
 * connections at once, even if a request is on its way.
 * <p>
 * <strong>Our change:</strong> the channel of the server is kept when it is bound. Its
 * event loop accepts the connections in the backlog, and then closes the socket only.
 * Idle connections stay open, and HTTP/2 clients get a GOAWAY that still admits their
 * streams. The property {@code graceful-shutdown.connector.serve-backlog} leaves the
 * closing of the socket to Netty.
 * <p>
 * <strong>Read against:</strong> Netty 4.2.18 and 4.2.19, with the transports NIO and
 * epoll, and Reactor Netty 1.3.8. {@code NettyAssumptionsTests} has one test for each
 * assumption.
 * <p>
 * <strong>If an assumption no longer holds:</strong> a transport that is neither NIO nor
 * epoll closes its socket without serving the backlog, as plain Netty does. If a NIO
 * socket stays registered with its selector for half a second, it is closed all the same.
 */
@NullMarked
package io.github.gracefulshutdown.web.netty;

import org.jspecify.annotations.NullMarked;
