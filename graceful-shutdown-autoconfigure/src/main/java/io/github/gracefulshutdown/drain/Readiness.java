package io.github.gracefulshutdown.drain;

import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationEventPublisher;

/**
 * The readiness of the application, as far as the drain changes it.
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
	 * Refuse traffic, unless that is the case.
	 */
	void refuseTraffic() {
		if (this.availability.getReadinessState() != ReadinessState.REFUSING_TRAFFIC) {
			this.events.publishEvent(new AvailabilityChangeEvent<>(this, ReadinessState.REFUSING_TRAFFIC));
		}
	}

	/**
	 * Accept traffic, if it was refused by the drain, and by nothing else since.
	 */
	void acceptTraffic() {
		AvailabilityChangeEvent<ReadinessState> last = this.availability.getLastChangeEvent(ReadinessState.class);
		if (last != null && last.getSource() == this && last.getState() == ReadinessState.REFUSING_TRAFFIC) {
			this.events.publishEvent(new AvailabilityChangeEvent<>(this, ReadinessState.ACCEPTING_TRAFFIC));
		}
	}

}
