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
 * What brings work in without a client that waits for it, such as message listeners: it
 * is stopped at the signal. In flight are listeners that have yet to finish what they
 * have in hand.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.INTAKES)
public final class IntakeWorkload extends LifecycleWorkload {

	private final List<IntakePreparer> preparers;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param beanFactory where the lifecycles are looked for, not before the drain
	 * @param excluded tells by its name whether a lifecycle is left to Spring
	 * @param preparers what knows more about certain lifecycles
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
