package io.github.gracefulshutdown.executor;

import java.util.function.Supplier;
import java.util.stream.Stream;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
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

	private final ConfigurableListableBeanFactory beanFactory;

	/**
	 * Create a gate.
	 * @param workload where ticks are tracked, asked for when there is a schedule
	 * @param beanFactory where the schedulers are
	 */
	public ScheduleGate(Supplier<ScheduleWorkload> workload, ConfigurableListableBeanFactory beanFactory) {
		this.workload = workload;
		this.beanFactory = beanFactory;
	}

	@Override
	public void configureTasks(ScheduledTaskRegistrar registrar) {
		TaskScheduler scheduler = registrar.getScheduler();
		if (scheduler != null && !isIntercepted()) {
			registrar.setTaskScheduler(new GatedTaskScheduler(scheduler, this.workload.get()));
		}
	}

	// What stands around a scheduler, such as one that takes locks, may look at its
	// tasks,
	// and would not know a tick
	private boolean isIntercepted() {
		return Stream.of(this.beanFactory.getBeanNamesForType(TaskScheduler.class, true, false))
			.anyMatch((name) -> AopUtils.isAopProxy(this.beanFactory.getSingleton(name)));
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
