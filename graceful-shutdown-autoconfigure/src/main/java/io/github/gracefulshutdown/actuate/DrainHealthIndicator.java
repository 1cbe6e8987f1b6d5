package io.github.gracefulshutdown.actuate;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * {@link HealthIndicator} that is out of service from the signal on, and in standby.
 *
 * @author The Graceful Shutdown authors
 */
public final class DrainHealthIndicator extends AbstractHealthIndicator {

	private final GracefulShutdown shutdown;

	/**
	 * Create an indicator.
	 * @param shutdown the shutdown to look at
	 */
	public DrainHealthIndicator(GracefulShutdown shutdown) {
		super("Drain health check failed");
		this.shutdown = shutdown;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		DrainState state = this.shutdown.state();
		if (state == DrainState.RUNNING) {
			builder.up();
		}
		else {
			builder.outOfService();
		}
		builder.withDetail("state", state).withDetail("inFlight", this.shutdown.inFlight());
	}

}
