package io.github.gracefulshutdown.drain;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.event.ApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;

/**
 * Publishes events to the listeners of one application context, and not to those of its
 * parent. The parent has a drain and events of its own.
 *
 * @author The Graceful Shutdown authors
 */
public final class OwnListeners implements ApplicationEventPublisher {

	private final ConfigurableApplicationContext context;

	/**
	 * Create a publisher.
	 * @param context the context whose listeners are notified
	 */
	public OwnListeners(ConfigurableApplicationContext context) {
		this.context = context;
	}

	@Override
	public void publishEvent(Object event) {
		this.context.getBeanFactory()
			.getBean(AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME,
					ApplicationEventMulticaster.class)
			.multicastEvent(new PayloadApplicationEvent<>(this.context, event));
	}

}
