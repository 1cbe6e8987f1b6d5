package io.github.gracefulshutdown.intake;

import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.kafka.config.AbstractKafkaListenerContainerFactory;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * By default, the containers of Spring Kafka finish all records of the last poll before
 * they stop, up to 500. They are told to stop after the record in hand, which has to be
 * done before they start; the others are read by the next consumer.
 *
 * @author The Graceful Shutdown authors
 */
public final class KafkaIntakeBeanPostProcessor implements BeanPostProcessor {

	private final Predicate<String> excluded;

	/**
	 * Create a post-processor.
	 * @param excluded tells by its name whether a container or a factory of containers is
	 * left alone
	 */
	public KafkaIntakeBeanPostProcessor(Predicate<String> excluded) {
		this.excluded = excluded;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		ContainerProperties properties = propertiesOf(bean);
		if (properties != null && !this.excluded.test(beanName)) {
			properties.setStopImmediate(true);
		}
		return bean;
	}

	private static @Nullable ContainerProperties propertiesOf(Object bean) {
		if (bean instanceof AbstractKafkaListenerContainerFactory<?, ?, ?> factory) {
			return factory.getContainerProperties();
		}
		return (bean instanceof MessageListenerContainer container) ? container.getContainerProperties() : null;
	}

}
