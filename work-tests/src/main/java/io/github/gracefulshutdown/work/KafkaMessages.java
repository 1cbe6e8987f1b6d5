package io.github.gracefulshutdown.work;

import org.springframework.context.annotation.Profile;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/**
 * Messages of the broker of the profile.
 *
 * @author The Graceful Shutdown authors
 */
@Component
@Profile("kafka & !future")
class KafkaMessages {

	private final Worker worker;

	KafkaMessages(Worker worker) {
		this.worker = worker;
	}

	@KafkaListener(topics = "${queue}", groupId = "${queue}")
	void handle(String message) {
		this.worker.handle(message);
	}

}
