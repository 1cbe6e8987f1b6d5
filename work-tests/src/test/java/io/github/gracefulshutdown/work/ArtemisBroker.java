package io.github.gracefulshutdown.work;

import java.util.List;

import io.github.gracefulshutdown.process.FreePort;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

import org.springframework.jms.core.JmsTemplate;

/**
 * Artemis in this JVM.
 *
 * @author The Graceful Shutdown authors
 */
class ArtemisBroker implements MessageBroker {

	private final EmbeddedActiveMQ broker = new EmbeddedActiveMQ();

	private final String url = "tcp://localhost:" + FreePort.next();

	ArtemisBroker() throws Exception {
		this.broker.setConfiguration(new ConfigurationImpl().setPersistenceEnabled(false)
			.setSecurityEnabled(false)
			.addAcceptorConfiguration("tcp", this.url));
		this.broker.start();
	}

	@Override
	public List<String> applicationArguments() {
		return List.of("--spring.profiles.active=jms", "--spring.artemis.broker-url=" + this.url);
	}

	@Override
	public void create(String queue) {
		// It is created by the first message or listener
	}

	@Override
	public void send(String queue, List<String> messages) {
		try (ActiveMQConnectionFactory connections = new ActiveMQConnectionFactory(this.url)) {
			JmsTemplate template = new JmsTemplate(connections);
			messages.forEach((message) -> template.convertAndSend(queue, message));
		}
	}

	@Override
	public void close() throws Exception {
		this.broker.stop();
	}

}
