package io.github.gracefulshutdown.intake;

import java.util.function.LongSupplier;

import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.WorkloadOrder;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.annotation.Order;

/**
 * Servers of other protocols, whose clients wait for responses. They serve on during the
 * delay, and are stopped with the sockets of the web server.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.SERVERS)
public final class ServerWorkload extends LifecycleWorkload implements ServingWorkload {

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param beanFactory holds the servers, which are looked for when the drain begins
	 * @param roles knows the role of each lifecycle
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public ServerWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory, LifecycleRoles roles,
			LongSupplier clock) {
		super("servers", inFlight, beanFactory, roles, LifecycleRole.SERVER, clock);
	}

	@Override
	public boolean enterLameDuck() {
		return !findRunning().isEmpty();
	}

}
