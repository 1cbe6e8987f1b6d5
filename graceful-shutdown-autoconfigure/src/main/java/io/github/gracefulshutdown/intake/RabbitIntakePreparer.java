package io.github.gracefulshutdown.intake;

import java.time.Duration;
import java.util.function.Supplier;

import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.context.Lifecycle;

/**
 * Configures the containers of Spring AMQP to give back prefetched messages, and to wait
 * for the message in hand as long as the drain does. By default they would handle the
 * prefetched messages, and interrupt their listeners after five seconds.
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
	public void prepare(Lifecycle lifecycle) {
		if (lifecycle instanceof RabbitListenerEndpointRegistry registry) {
			registry.getListenerContainers().forEach(this::prepare);
		}
		else if (lifecycle instanceof AbstractMessageListenerContainer container) {
			container.setForceStop(true);
			container.setShutdownTimeout(this.patience.get().toMillis());
		}
	}

}
