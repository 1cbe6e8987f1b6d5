package io.github.gracefulshutdown.drain;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationListener;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Readiness}.
 *
 * @author The Graceful Shutdown authors
 */
class ReadinessTests {

	private final GenericApplicationContext context = new GenericApplicationContext();

	private final ApplicationAvailabilityBean availability = new ApplicationAvailabilityBean();

	private final List<Object> seenByListener = new ArrayList<>();

	private final Readiness readiness = new Readiness(this.availability, this.context,
			this.context::addApplicationListener);

	@BeforeEach
	void start() {
		this.context.addApplicationListener(this.availability);
		this.context.refresh();
		this.context.addApplicationListener(
				(ApplicationListener<AvailabilityChangeEvent<?>>) (event) -> this.seenByListener.add(event.getState()));
		publish(ReadinessState.ACCEPTING_TRAFFIC);
	}

	@AfterEach
	void close() {
		this.context.close();
	}

	@Test
	void trafficThatAnotherComponentAcceptsIsRefusedAgain() {
		this.readiness.refuseTraffic();
		publish(ReadinessState.ACCEPTING_TRAFFIC);
		assertThat(this.availability.getReadinessState()).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
		assertThat(this.seenByListener).containsExactly(ReadinessState.ACCEPTING_TRAFFIC,
				ReadinessState.REFUSING_TRAFFIC, ReadinessState.ACCEPTING_TRAFFIC, ReadinessState.REFUSING_TRAFFIC);
	}

	@Test
	void afterwardsTheLastStateOfTheOthersCounts() {
		this.readiness.refuseTraffic();
		publish(ReadinessState.REFUSING_TRAFFIC);
		publish(ReadinessState.ACCEPTING_TRAFFIC);
		this.readiness.acceptTraffic();
		assertThat(this.availability.getReadinessState()).isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);
		this.readiness.refuseTraffic();
		publish(ReadinessState.ACCEPTING_TRAFFIC);
		publish(ReadinessState.REFUSING_TRAFFIC);
		this.readiness.acceptTraffic();
		assertThat(this.availability.getReadinessState()).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
	}

	@Test
	void anApplicationThatBecomesReadyMeanwhileIsReadyAfterwards() {
		publish(ReadinessState.REFUSING_TRAFFIC);
		this.readiness.refuseTraffic();
		publish(ReadinessState.ACCEPTING_TRAFFIC);
		assertThat(this.availability.getReadinessState()).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
		this.readiness.acceptTraffic();
		assertThat(this.availability.getReadinessState()).isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);
		publish(ReadinessState.REFUSING_TRAFFIC);
		publish(ReadinessState.ACCEPTING_TRAFFIC);
		assertThat(this.availability.getReadinessState()).isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);
	}

	private void publish(ReadinessState state) {
		AvailabilityChangeEvent.publish(this.context, this, state);
	}

}
