/**
 * Tomcat's connectors while the application drains.
 * <p>
 * <strong>Plain Tomcat:</strong> Spring Boot pauses the connectors at shutdown. Tomcat
 * then resets the connections in the accept backlog, and closes an idle keep-alive
 * connection without an answer when its next request arrives.
 * <p>
 * <strong>Our change:</strong> the connectors close their sockets and are not paused, so
 * established connections are still served. Tomcat's default protocol is replaced by
 * {@link io.github.gracefulshutdown.web.tomcat.BacklogHttp11NioProtocol}, which wakes the
 * acceptor with a connection of its own, serves the connections that Tomcat would drop,
 * and empties the backlog before the socket is closed. The property
 * {@code graceful-shutdown.connector.serve-backlog} switches this protocol off.
 * <p>
 * <strong>Read against:</strong> Tomcat 11.0.27. {@code TomcatAssumptionsTests} has one
 * test for each assumption.
 * <p>
 * <strong>If an assumption no longer holds:</strong> if the acceptor does not stop within
 * a second, Tomcat wakes and stops it as it does without us. If a hook is no longer
 * called, the backlog is reset, as by plain Tomcat. Both leave the pause of the
 * connectors in place.
 */
@NullMarked
package io.github.gracefulshutdown.web.tomcat;

import org.jspecify.annotations.NullMarked;
