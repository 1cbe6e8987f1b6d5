package io.github.gracefulshutdown.work;

import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * Messages of the broker of the profile.
 *
 * @author The Graceful Shutdown authors
 */
@Component
@Profile("rabbit & !future")
class RabbitMessages {

	private final Worker worker;

	RabbitMessages(Worker worker) {
		this.worker = worker;
	}

	@RabbitListener(queues = "${queue}")
	void handle(String message) {
		this.worker.handle(message);
	}

}
