package io.github.gracefulshutdown.intake;

import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.WorkloadOrder;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.annotation.Order;

/**
 * Sources of work without a waiting client, such as message listeners. They are stopped
 * at the signal, and in flight until they have finished the message in hand.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.INTAKES)
public final class IntakeWorkload extends LifecycleWorkload {

	private final List<IntakePreparer> preparers;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param beanFactory holds the lifecycles, which are looked for when the drain begins
	 * @param excluded decides by its name whether a lifecycle is left to Spring
	 * @param preparers prepare certain lifecycles for being stopped
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public IntakeWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory, Predicate<String> excluded,
			List<IntakePreparer> preparers, LongSupplier clock) {
		super("intakes", inFlight, beanFactory, excluded, clock);
		this.preparers = preparers;
	}

	@Override
	boolean contains(SmartLifecycle lifecycle) {
		return !ServerWorkload.isServer(lifecycle);
	}

	@Override
	void prepare(SmartLifecycle lifecycle) {
		for (IntakePreparer preparer : this.preparers) {
			preparer.prepare(lifecycle);
		}
	}

}
