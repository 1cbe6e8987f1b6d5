package io.github.gracefulshutdown.work;

import org.springframework.context.annotation.Profile;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.stereotype.Component;

/**
 * Messages of the broker of the profile.
 *
 * @author The Graceful Shutdown authors
 */
@Component
@Profile("jms")
class JmsMessages {

	private final Worker worker;

	JmsMessages(Worker worker) {
		this.worker = worker;
	}

	@JmsListener(destination = "${queue}")
	void handle(String message) {
		this.worker.handle(message);
	}

}
