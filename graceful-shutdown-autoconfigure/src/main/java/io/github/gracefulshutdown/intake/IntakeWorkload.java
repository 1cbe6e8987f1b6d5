package io.github.gracefulshutdown.intake;

import java.util.List;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.WorkloadOrder;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.Lifecycle;
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

	private final List<IntakeAdapter> adapters;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param beanFactory holds the lifecycles, which are looked for when the drain begins
	 * @param roles knows the role of each lifecycle
	 * @param preparers prepare certain lifecycles for being stopped
	 * @param adapters know better ways to stop certain lifecycles
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public IntakeWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory, LifecycleRoles roles,
			List<IntakePreparer> preparers, List<IntakeAdapter> adapters, LongSupplier clock) {
		super("intakes", inFlight, beanFactory, roles, LifecycleRole.INTAKE, clock);
		this.preparers = preparers;
		this.adapters = adapters;
	}

	@Override
	Lifecycle adapt(Lifecycle bean) {
		for (IntakeAdapter adapter : this.adapters) {
			Lifecycle adapted = adapter.adapt(bean);
			if (adapted != null) {
				return adapted;
			}
		}
		return bean;
	}

	@Override
	void prepare(Lifecycle lifecycle) {
		for (IntakePreparer preparer : this.preparers) {
			preparer.prepare(lifecycle);
		}
	}

}
