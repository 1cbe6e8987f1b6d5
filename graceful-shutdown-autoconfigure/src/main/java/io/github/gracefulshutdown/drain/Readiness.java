package io.github.gracefulshutdown.drain;

import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Changes the readiness of the application on behalf of the drain.
 *
 * @author The Graceful Shutdown authors
 */
public final class Readiness {

	private final ApplicationAvailability availability;

	private final ApplicationEventPublisher events;

	/**
	 * Create the readiness.
	 * @param availability tells whether the application refuses traffic already
	 * @param events where changes are published
	 */
	public Readiness(ApplicationAvailability availability, ApplicationEventPublisher events) {
		this.availability = availability;
		this.events = events;
	}

	/**
	 * Refuse traffic, unless the application refuses it already.
	 */
	void refuseTraffic() {
		if (this.availability.getReadinessState() != ReadinessState.REFUSING_TRAFFIC) {
			this.events.publishEvent(new AvailabilityChangeEvent<>(this, ReadinessState.REFUSING_TRAFFIC));
		}
	}

	/**
	 * Accept traffic, if the drain refused it and nothing else has refused it since.
	 */
	void acceptTraffic() {
		AvailabilityChangeEvent<ReadinessState> last = this.availability.getLastChangeEvent(ReadinessState.class);
		if (last != null && last.getSource() == this && last.getState() == ReadinessState.REFUSING_TRAFFIC) {
			this.events.publishEvent(new AvailabilityChangeEvent<>(this, ReadinessState.ACCEPTING_TRAFFIC));
		}
	}

}
