package io.github.gracefulshutdown.intake;

import org.jspecify.annotations.Nullable;

import org.springframework.context.Lifecycle;
import org.springframework.integration.config.SourcePollingChannelAdapterFactoryBean;
import org.springframework.integration.core.MessageSource;
import org.springframework.integration.endpoint.SourcePollingChannelAdapter;
import org.springframework.messaging.Message;

/**
 * Pauses the pollers of Spring Integration that take in messages: their source seems to
 * be empty. Their own stop would interrupt the message in hand.
 *
 * @author The Graceful Shutdown authors
 */
public final class SourcePollerIntakeAdapter implements IntakeAdapter {

	@Override
	public @Nullable Lifecycle adapt(Lifecycle source) {
		if (source instanceof SourcePollingChannelAdapterFactoryBean factory) {
			return new Poller(factory.getObject());
		}
		return (source instanceof SourcePollingChannelAdapter adapter) ? new Poller(adapter) : null;
	}

	private record Poller(SourcePollingChannelAdapter adapter) implements Lifecycle {

		@Override
		public void start() {
			if (this.adapter.getMessageSource() instanceof EmptySource<?> empty) {
				this.adapter.setSource(empty.original());
			}
		}

		@Override
		public void stop() {
			if (isRunning()) {
				this.adapter.setSource(new EmptySource<>(this.adapter.getMessageSource()));
			}
		}

		@Override
		public boolean isRunning() {
			return this.adapter.isRunning() && !(this.adapter.getMessageSource() instanceof EmptySource);
		}

	}

	/**
	 * Stands for a source that is not read any more. Spring stops the original through
	 * it.
	 *
	 * @param <T> the type of the payload
	 * @param original the source
	 */
	private record EmptySource<T>(MessageSource<T> original) implements MessageSource<T>, Lifecycle {

		@Override
		public @Nullable Message<T> receive() {
			return null;
		}

		@Override
		public void start() {
			if (this.original instanceof Lifecycle lifecycle) {
				lifecycle.start();
			}
		}

		@Override
		public void stop() {
			if (this.original instanceof Lifecycle lifecycle) {
				lifecycle.stop();
			}
		}

		@Override
		public boolean isRunning() {
			return this.original instanceof Lifecycle lifecycle && lifecycle.isRunning();
		}

	}

}
