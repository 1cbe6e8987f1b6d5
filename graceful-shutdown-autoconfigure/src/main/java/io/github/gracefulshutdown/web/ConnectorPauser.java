package io.github.gracefulshutdown.web;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Stops an embedded server from accepting connections. Established connections are still
 * served.
 *
 * @author The Graceful Shutdown authors
 */
public interface ConnectorPauser {

	/**
	 * Return whether a server runs, so that clients can connect.
	 * @return {@code false} in a WAR and in tests with a mock environment
	 */
	boolean isRunning();

	/**
	 * Close the listening sockets. Requests on established connections are still served.
	 * Cannot be undone.
	 */
	void pause();

	/**
	 * Return whether connections are established, idle or not. Called repeatedly once the
	 * sockets are closed. Each call also sends GOAWAY on HTTP/2 connections that were
	 * still in the backlog before, and may take a moment if connections are open.
	 * @return whether a client may still send a request
	 */
	boolean hasOpenConnections();

	/**
	 * Return whether a WebSocket session has received something a short time ago, so that
	 * its handler may not have dealt with it yet. For servers whose handlers do not say
	 * when they have.
	 * @param quiet how long it is since a session that is idle has received something
	 * @return whether a session is not idle
	 */
	default boolean isReceivingWebSockets(Duration quiet) {
		return false;
	}

	/**
	 * Close the WebSocket sessions with the code 1001: the server goes away. Called again
	 * while sessions are open, because a session cannot be closed before its handshake is
	 * answered.
	 * @param quiet sessions that have received something more recently may be left open
	 * until the next call, as {@link #isReceivingWebSockets} sees them
	 * @return whether sessions may still be open; {@code false} if the server has sent
	 * all that it had to say
	 */
	boolean closeWebSockets(Duration quiet);

	/**
	 * Cut a response that has been begun: without the last chunk in HTTP/1, by RST_STREAM
	 * in HTTP/2, and without a word in the log.
	 * @param nativeResponse the response of the server
	 * @return an exception that must leave the application through its outermost filter
	 * or handler, or {@code null} if the application has to end the response as usual
	 */
	@Nullable Exception cut(Object nativeResponse);

	/**
	 * Complete an asynchronous request if its client has gone, which is known once a
	 * write has failed. For servers that leave this to the application: Spring leaves it
	 * to the server.
	 * @param nativeResponse the response of the server
	 * @return whether the client has gone, so that nothing waits for the response
	 */
	default boolean completeIfClientHasGone(Object nativeResponse) {
		return false;
	}

	/**
	 * Do not wait for the requests in flight when the server is stopped: they have been
	 * abandoned.
	 */
	void abandon();

}
