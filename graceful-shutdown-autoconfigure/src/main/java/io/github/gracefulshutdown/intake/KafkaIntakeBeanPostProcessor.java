package io.github.gracefulshutdown.intake;

import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.kafka.config.AbstractKafkaListenerContainerFactory;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * Configures the containers of Spring Kafka to stop after the record in hand. By default
 * they finish all records of the last poll, up to 500. The next consumer reads the
 * others. Containers read this setting when they start.
 *
 * @author The Graceful Shutdown authors
 */
public final class KafkaIntakeBeanPostProcessor implements BeanPostProcessor {

	private final Predicate<String> excluded;

	/**
	 * Create a post-processor.
	 * @param excluded decides by its name whether a container or a factory of containers
	 * is left alone
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
