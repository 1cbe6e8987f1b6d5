package io.github.gracefulshutdown.work;

import java.util.concurrent.CompletableFuture;

import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * A listener that returns before the message is handled.
 *
 * @author The Graceful Shutdown authors
 */
@Component
@Profile("rabbit & future")
class RabbitFutures {

	private final Worker worker;

	RabbitFutures(Worker worker) {
		this.worker = worker;
	}

	@RabbitListener(queues = "${queue}")
	CompletableFuture<Void> handle(String message) {
		return this.worker.handleElsewhere(message);
	}

}
