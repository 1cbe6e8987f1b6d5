package io.github.gracefulshutdown.intake;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.WorkloadOrder;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.Lifecycle;
import org.springframework.core.annotation.Order;

/**
 * Lifecycles that Spring stops before the web server, and of which nothing else is known.
 * They are stopped when Spring would do so: in the order of their phases, when the
 * sockets close, and not in standby.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.OTHER_LIFECYCLES)
public final class OtherLifecycleWorkload extends LifecycleWorkload implements ServingWorkload {

	private final List<LifecycleWorkload> others;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param beanFactory holds the lifecycles, which are looked for when the sockets
	 * close
	 * @param roles knows the role of each lifecycle
	 * @param intakes may need a lifecycle of a lower phase for the work in hand
	 * @param servers may need a lifecycle of a lower phase, too
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public OtherLifecycleWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory, LifecycleRoles roles,
			IntakeWorkload intakes, ServerWorkload servers, LongSupplier clock) {
		super("lifecycles", inFlight, beanFactory, roles, LifecycleRole.UNKNOWN, clock);
		this.others = List.of(intakes, servers, this);
	}

	@Override
	List<CompletableFuture<Void>> predecessorsOf(Lifecycle lifecycle) {
		int phase = LifecycleRoles.phaseOf(lifecycle);
		return this.others.stream().flatMap((workload) -> workload.endsAbove(phase).stream()).toList();
	}

	/**
	 * They have no clients.
	 */
	@Override
	public boolean enterLameDuck() {
		return false;
	}

	/**
	 * The end of serving does not wait for them. The end of the drain does, as they are
	 * tracked.
	 */
	@Override
	public boolean isIdle() {
		return true;
	}

}
