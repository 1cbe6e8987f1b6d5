package io.github.gracefulshutdown.web;

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
	 * Close the WebSocket sessions with the code 1001: the server goes away. Called again
	 * while connections are open, because a session cannot be closed before its handshake
	 * is answered.
	 */
	void closeWebSockets();

	/**
	 * Do not wait for the requests in flight when the server is stopped: they have been
	 * abandoned.
	 */
	void abandon();

}
