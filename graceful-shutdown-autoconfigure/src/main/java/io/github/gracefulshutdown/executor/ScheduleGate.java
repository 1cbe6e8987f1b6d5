package io.github.gracefulshutdown.executor;

import java.util.function.Supplier;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.config.ScheduledTaskRegistrar;

/**
 * Puts {@code @Scheduled} methods, and what else goes through a
 * {@link ScheduledTaskRegistrar}, behind the gate that is closed at the signal, on
 * whatever scheduler they run. The last of all configurers, since others choose that
 * scheduler.
 *
 * @author The Graceful Shutdown authors
 */
public final class ScheduleGate implements SchedulingConfigurer, BeanPostProcessor, Ordered {

	private final Supplier<ScheduleWorkload> workload;

	/**
	 * Create a gate.
	 * @param workload where ticks are tracked, asked for when there is a schedule
	 */
	public ScheduleGate(Supplier<ScheduleWorkload> workload) {
		this.workload = workload;
	}

	@Override
	public void configureTasks(ScheduledTaskRegistrar registrar) {
		TaskScheduler scheduler = registrar.getScheduler();
		if (scheduler != null) {
			registrar.setTaskScheduler(new GatedTaskScheduler(scheduler, this.workload.get()));
		}
	}

	/**
	 * Registrars that are beans of their own schedule their tasks when they are
	 * initialized, or later.
	 */
	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof ScheduledTaskRegistrar registrar) {
			configureTasks(registrar);
		}
		return bean;
	}

	@Override
	public int getOrder() {
		return LOWEST_PRECEDENCE;
	}

}
