package io.github.gracefulshutdown.intake;

import java.time.Duration;
import java.util.function.Supplier;

import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.context.SmartLifecycle;

/**
 * By default, the containers of Spring AMQP would go on with the messages that they have
 * prefetched, and interrupt the one in hand after five seconds. They are told to give
 * back what they have not begun, and to wait for the rest as long as the drain does.
 *
 * @author The Graceful Shutdown authors
 */
public final class RabbitIntakePreparer implements IntakePreparer {

	private final Supplier<Duration> patience;

	/**
	 * Create a preparer.
	 * @param patience how long to wait for messages in hand
	 */
	public RabbitIntakePreparer(Supplier<Duration> patience) {
		this.patience = patience;
	}

	@Override
	public void prepare(SmartLifecycle lifecycle) {
		if (lifecycle instanceof RabbitListenerEndpointRegistry registry) {
			registry.getListenerContainers().forEach(this::prepare);
		}
		else if (lifecycle instanceof AbstractMessageListenerContainer container) {
			container.setForceStop(true);
			container.setShutdownTimeout(this.patience.get().toMillis());
		}
	}

}
