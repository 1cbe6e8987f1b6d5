package io.github.gracefulshutdown.work;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.test.EmbeddedKafkaBroker;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;
import org.springframework.kafka.test.utils.KafkaTestUtils;

/**
 * Kafka in this JVM.
 *
 * @author The Graceful Shutdown authors
 */
class KafkaBroker implements MessageBroker {

	private final EmbeddedKafkaBroker broker = new EmbeddedKafkaKraftBroker(1, 1);

	private final DefaultKafkaProducerFactory<Integer, String> producers;

	KafkaBroker() {
		this.broker.afterPropertiesSet();
		Map<String, Object> properties = KafkaTestUtils.producerProps(this.broker);
		this.producers = new DefaultKafkaProducerFactory<>(properties);
	}

	@Override
	public List<String> applicationArguments() {
		return List.of("--spring.profiles.active=kafka",
				"--spring.kafka.bootstrap-servers=" + this.broker.getBrokersAsString());
	}

	@Override
	public void create(String queue) {
		this.broker.addTopics(queue);
	}

	@Override
	public void send(String queue, List<String> messages) throws Exception {
		KafkaTemplate<Integer, String> template = new KafkaTemplate<>(this.producers);
		for (String message : messages) {
			template.send(queue, message).get(1, TimeUnit.MINUTES);
		}
	}

	@Override
	public void close() {
		this.producers.destroy();
		this.broker.destroy();
	}

}
