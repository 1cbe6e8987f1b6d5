package io.github.gracefulshutdown.work;

import java.util.List;

import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

import org.springframework.jms.core.JmsTemplate;
import org.springframework.test.util.TestSocketUtils;

/**
 * Artemis in this JVM.
 *
 * @author The Graceful Shutdown authors
 */
class ArtemisBroker implements MessageBroker {

	private final EmbeddedActiveMQ broker = new EmbeddedActiveMQ();

	private final String url = "tcp://localhost:" + TestSocketUtils.findAvailableTcpPort();

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
	public void send(List<String> messages) {
		try (ActiveMQConnectionFactory connections = new ActiveMQConnectionFactory(this.url)) {
			JmsTemplate template = new JmsTemplate(connections);
			messages.forEach((message) -> template.convertAndSend("work", message));
		}
	}

	@Override
	public void close() throws Exception {
		this.broker.stop();
	}

}
