package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;

import io.github.gracefulshutdown.job.StartTracker;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;

/**
 * Tells the {@link StartTracker} when runners begin, and when the last listener to
 * {@code ApplicationReadyEvent} has returned. Later than the listener of Spring Boot that
 * publishes these events.
 *
 * @author The Graceful Shutdown authors
 */
final class StartRunListener implements SpringApplicationRunListener, Ordered {

	private @Nullable StartTracker tracker;

	@Override
	public void started(ConfigurableApplicationContext context, @Nullable Duration timeTaken) {
		// A listener may have closed it
		if (context.isActive()) {
			StartTracker tracker = context.getBeanProvider(StartTracker.class).getIfAvailable();
			if (tracker != null && tracker.begin(context)) {
				this.tracker = tracker;
			}
		}
	}

	@Override
	public void ready(ConfigurableApplicationContext context, @Nullable Duration timeTaken) {
		end(null);
	}

	@Override
	public void failed(@Nullable ConfigurableApplicationContext context, Throwable exception) {
		end(exception);
	}

	private void end(@Nullable Throwable failure) {
		if (this.tracker != null) {
			this.tracker.end(failure);
		}
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

}
