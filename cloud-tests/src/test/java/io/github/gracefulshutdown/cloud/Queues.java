package io.github.gracefulshutdown.cloud;

import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The message broker.
 *
 * @author The Graceful Shutdown authors
 */
class Queues {

	private final Map<String, BlockingQueue<String>> queues = new ConcurrentHashMap<>();

	volatile Consumer<String> onStopping = (queue) -> {
	};

	private BlockingQueue<String> get(String queue) {
		return this.queues.computeIfAbsent(queue, (name) -> new LinkedBlockingQueue<>());
	}

	void send(String queue, String message) {
		get(queue).add(message);
	}

	String poll(String queue) {
		try {
			return get(queue).poll(10, TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return null;
		}
	}

	void stopping(String queue) {
		this.onStopping.accept(queue);
	}

	List<String> waiting(String queue) {
		return List.copyOf(get(queue));
	}

}
