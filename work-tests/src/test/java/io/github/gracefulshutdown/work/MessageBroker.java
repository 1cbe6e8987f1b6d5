package io.github.gracefulshutdown.work;

import java.util.List;

/**
 * A real broker with one queue, or topic, called {@code work}.
 *
 * @author The Graceful Shutdown authors
 */
interface MessageBroker extends AutoCloseable {

	/**
	 * Return what the application needs to find the broker.
	 * @return arguments of the application
	 */
	List<String> applicationArguments();

	/**
	 * Send messages, and see each accepted.
	 * @param messages the messages
	 */
	void send(List<String> messages) throws Exception;

}
