package io.github.gracefulshutdown.web;

/**
 * Stops an embedded server from accepting connections, without dropping those that are
 * established.
 *
 * @author The Graceful Shutdown authors
 */
public interface ConnectorPauser {

	/**
	 * Close the listening sockets. Requests on established connections are still served,
	 * and the connections closed after their response. Cannot be undone.
	 */
	void pause();

	/**
	 * Return the number of established connections, idle or not.
	 * @return the number, 0 or more
	 */
	long getOpenConnections();

	/**
	 * The requests that are still in flight have been abandoned: do not wait for them
	 * when the server is stopped.
	 */
	void abandon();

}
