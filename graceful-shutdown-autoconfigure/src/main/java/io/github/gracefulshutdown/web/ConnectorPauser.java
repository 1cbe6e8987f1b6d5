package io.github.gracefulshutdown.web;

/**
 * Stops an embedded server from accepting connections, without dropping those that are
 * established.
 *
 * @author The Graceful Shutdown authors
 */
public interface ConnectorPauser {

	/**
	 * Return whether there is a server, so that clients can come.
	 * @return {@code false} in a WAR and in tests with a mock environment
	 */
	boolean isRunning();

	/**
	 * Close the listening sockets. Requests on established connections are still served,
	 * and the connections closed after their response. Cannot be undone.
	 */
	void pause();

	/**
	 * Return whether there are established connections, idle or not. May take a moment if
	 * there are.
	 * @return whether a client may still send a request
	 */
	boolean hasOpenConnections();

	/**
	 * Close the WebSocket sessions, and tell their clients that the server goes away
	 * (1001).
	 */
	void closeWebSockets();

	/**
	 * The requests that are still in flight have been abandoned: do not wait for them
	 * when the server is stopped.
	 */
	void abandon();

}
