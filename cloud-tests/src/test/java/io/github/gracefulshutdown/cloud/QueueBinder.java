package io.github.gracefulshutdown.cloud;

import org.springframework.cloud.stream.binder.AbstractMessageChannelBinder;
import org.springframework.cloud.stream.binder.ConsumerProperties;
import org.springframework.cloud.stream.binder.ProducerProperties;
import org.springframework.cloud.stream.provisioning.ConsumerDestination;
import org.springframework.cloud.stream.provisioning.ProducerDestination;
import org.springframework.cloud.stream.provisioning.ProvisioningProvider;
import org.springframework.integration.core.MessageProducer;
import org.springframework.integration.endpoint.MessageProducerSupport;
import org.springframework.messaging.MessageChannel;
import org.springframework.messaging.MessageHandler;

/**
 * Binds to {@link Queues}. As with the binders of message brokers, each binding has a
 * thread that takes the messages, and is stopped after the message in hand.
 *
 * @author The Graceful Shutdown authors
 */
class QueueBinder extends AbstractMessageChannelBinder<ConsumerProperties, ProducerProperties, QueueBinder.Names> {

	private final Queues queues;

	QueueBinder(Queues queues) {
		super(new String[0], new Names());
		this.queues = queues;
	}

	@Override
	protected MessageHandler createProducerMessageHandler(ProducerDestination destination,
			ProducerProperties properties, MessageChannel errors) {
		return (message) -> this.queues.send(destination.getName(), new String((byte[]) message.getPayload()));
	}

	@Override
	protected MessageProducer createConsumerEndpoint(ConsumerDestination destination, String group,
			ConsumerProperties properties) {
		Receiver receiver = new Receiver(destination.getName());
		receiver.setBeanFactory(getBeanFactory());
		return receiver;
	}

	private final class Receiver extends MessageProducerSupport {

		private final String queue;

		private volatile Thread thread = new Thread();

		Receiver(String queue) {
			this.queue = queue;
		}

		@Override
		protected void doStart() {
			this.thread = new Thread(this::receive);
			this.thread.start();
		}

		private void receive() {
			while (isActive()) {
				String payload = QueueBinder.this.queues.poll(this.queue);
				if (payload != null) {
					sendMessage(getMessageBuilderFactory().withPayload(payload).build());
				}
			}
		}

		@Override
		protected void doStop() {
			QueueBinder.this.queues.stopping(this.queue);
			try {
				this.thread.join();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

	}

	/**
	 * A destination is the name of a queue.
	 */
	static final class Names implements ProvisioningProvider<ConsumerProperties, ProducerProperties> {

		@Override
		public ProducerDestination provisionProducerDestination(String name, ProducerProperties properties) {
			return new ProducerDestination() {

				@Override
				public String getName() {
					return name;
				}

				@Override
				public String getNameForPartition(int partition) {
					return name;
				}

			};
		}

		@Override
		public ConsumerDestination provisionConsumerDestination(String name, String group,
				ConsumerProperties properties) {
			return () -> name;
		}

	}

}
