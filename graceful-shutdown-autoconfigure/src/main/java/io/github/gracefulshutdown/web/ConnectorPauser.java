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
	 * Return whether there are established connections, idle or not. Asked again and
	 * again once the sockets are closed, and tells those clients to go away who could not
	 * be told before, because their connection was still in the backlog. May take a
	 * moment if there are connections.
	 * @return whether a client may still send a request
	 */
	boolean hasOpenConnections();

	/**
	 * Close the WebSocket sessions, and tell their clients that the server goes away
	 * (1001). Called again while there are connections, because a session whose handshake
	 * is being answered can only be closed a moment later.
	 */
	void closeWebSockets();

	/**
	 * The requests that are still in flight have been abandoned: do not wait for them
	 * when the server is stopped.
	 */
	void abandon();

}
