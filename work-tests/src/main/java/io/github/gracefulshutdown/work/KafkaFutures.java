package io.github.gracefulshutdown.work;

import java.util.concurrent.CompletableFuture;

import org.springframework.context.annotation.Profile;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/**
 * A listener that returns before the message is handled.
 *
 * @author The Graceful Shutdown authors
 */
@Component
@Profile("kafka & future")
class KafkaFutures {

	private final Worker worker;

	KafkaFutures(Worker worker) {
		this.worker = worker;
	}

	@KafkaListener(topics = "${queue}", groupId = "${queue}")
	CompletableFuture<Void> handle(String message) {
		return this.worker.handleElsewhere(message);
	}

}
