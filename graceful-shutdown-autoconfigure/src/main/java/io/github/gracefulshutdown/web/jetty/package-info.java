/**
 * Jetty's connectors while the application drains.
 * <p>
 * <strong>Plain Jetty:</strong> Spring Boot shuts the connectors down. That closes the
 * socket and resets the connections in the accept backlog. It also reduces the idle
 * timeout of all connections to a second, and closes a connection whose response ends at
 * that moment without {@code Connection: close}. HTTP/2 sessions are not shut down.
 * <p>
 * <strong>Our change:</strong> the acceptor threads are interrupted, which closes the
 * socket and nothing else. Without acceptor threads, the backlog is served before the
 * socket is closed, unless {@code graceful-shutdown.connector.serve-backlog} is
 * {@code false}. HTTP/2 sessions send GOAWAY.
 * <p>
 * <strong>Read against:</strong> Jetty 12.1.14. {@code JettyAssumptionsTests} has one
 * test for each assumption.
 * <p>
 * <strong>If an assumption no longer holds:</strong> if the acceptor threads cannot be
 * found or do not stop within 200 milliseconds, the connector is shut down as by plain
 * Jetty, with its usual idle timeout. If Jetty does not announce accepted connections,
 * the drain may end before such a connection has sent its request.
 */
@NullMarked
package io.github.gracefulshutdown.web.jetty;

import org.jspecify.annotations.NullMarked;
