package io.github.gracefulshutdown.work;

import java.util.List;

/**
 * A real broker. Each test has a queue, or topic, of its own.
 *
 * @author The Graceful Shutdown authors
 */
interface MessageBroker extends AutoCloseable {

	/**
	 * Return the arguments with which the application finds the broker.
	 * @return arguments of the application
	 */
	List<String> applicationArguments();

	/**
	 * Create a queue or topic.
	 * @param queue its name
	 */
	void create(String queue);

	/**
	 * Send messages, and see each accepted.
	 * @param queue the queue or topic
	 * @param messages the messages
	 */
	void send(String queue, List<String> messages) throws Exception;

}
