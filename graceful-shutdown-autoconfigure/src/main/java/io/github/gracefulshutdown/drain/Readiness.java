package io.github.gracefulshutdown.drain;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;

/**
 * Changes the readiness of the application on behalf of the drain. While it refuses
 * traffic, it refuses again whenever another component accepts it, such as
 * {@code SpringApplication} when a runner ends after the signal. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class Readiness {

	private final ApplicationAvailability availability;

	private final ApplicationEventPublisher events;

	private final Consumer<ApplicationListener<?>> listeners;

	private final Refusal refusal = new Refusal();

	private volatile boolean refusing;

	/**
	 * The last state that the other components published.
	 */
	private final AtomicReference<@Nullable ReadinessState> others = new AtomicReference<>();

	/**
	 * Create the readiness.
	 * @param availability tells whether the application refuses traffic already
	 * @param events where changes are published
	 * @param listeners adds a listener to the changes of all components
	 */
	public Readiness(ApplicationAvailability availability, ApplicationEventPublisher events,
			Consumer<ApplicationListener<?>> listeners) {
		this.availability = availability;
		this.events = events;
		this.listeners = listeners;
	}

	/**
	 * Refuse traffic until it is accepted here, unless the application refuses it
	 * already.
	 */
	void refuseTraffic() {
		if (!this.refusing) {
			this.others.set(null);
			this.refusing = true;
			// Only now, so that it comes after all other listeners: the last state that
			// they see is the refusal
			this.listeners.accept(this.refusal);
			this.others.compareAndSet(null, this.availability.getReadinessState());
		}
		publish(ReadinessState.REFUSING_TRAFFIC);
	}

	/**
	 * Accept traffic, if the drain refused it and the other components accept it.
	 */
	void acceptTraffic() {
		this.refusing = false;
		if (this.others.get() == ReadinessState.ACCEPTING_TRAFFIC) {
			publish(ReadinessState.ACCEPTING_TRAFFIC);
		}
	}

	private void publish(ReadinessState state) {
		if (this.availability.getReadinessState() != state) {
			this.events.publishEvent(new AvailabilityChangeEvent<>(this, state));
		}
	}

	/**
	 * Listens to the other components.
	 */
	private final class Refusal implements ApplicationListener<AvailabilityChangeEvent<?>> {

		@Override
		public void onApplicationEvent(AvailabilityChangeEvent<?> event) {
			if (event.getState() instanceof ReadinessState state && event.getSource() != Readiness.this) {
				Readiness.this.others.set(state);
				if (Readiness.this.refusing) {
					publish(ReadinessState.REFUSING_TRAFFIC);
				}
			}
		}

		@Override
		public boolean supportsAsyncExecution() {
			return false;
		}

	}

}
