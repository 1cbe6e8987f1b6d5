package io.github.gracefulshutdown.intake;

import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.WorkloadOrder;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.annotation.Order;

/**
 * Servers of other protocols, whose clients wait for responses. They serve on during the
 * delay, and are stopped with the sockets of the web server.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.SERVERS)
public final class ServerWorkload extends LifecycleWorkload implements ServingWorkload {

	private static final Set<String> SERVERS = Set.of("org.springframework.boot.rsocket.context.RSocketServerBootstrap",
			"org.springframework.grpc.server.lifecycle.GrpcServerLifecycle",
			"org.springframework.web.socket.server.support.WebSocketHandlerMapping");

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param beanFactory holds the servers, which are looked for when the drain begins
	 * @param excluded decides by its name whether a server is left to Spring
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public ServerWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory, Predicate<String> excluded,
			LongSupplier clock) {
		super("servers", inFlight, beanFactory, excluded, clock);
	}

	// By name, to avoid optional dependencies
	static boolean isServer(SmartLifecycle lifecycle) {
		return SERVERS.contains(lifecycle.getClass().getName());
	}

	@Override
	boolean contains(SmartLifecycle lifecycle) {
		return isServer(lifecycle);
	}

	@Override
	public boolean enterLameDuck() {
		return !findRunning().isEmpty();
	}

}
