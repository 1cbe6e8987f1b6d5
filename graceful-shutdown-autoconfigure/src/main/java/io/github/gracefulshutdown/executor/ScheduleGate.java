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
 * Puts {@code @Scheduled} methods, and all other tasks of a
 * {@link ScheduledTaskRegistrar}, behind the gate that is closed at the signal. Works
 * with any scheduler. The last of all configurers, since others choose the scheduler.
 *
 * @author The Graceful Shutdown authors
 */
public final class ScheduleGate implements SchedulingConfigurer, BeanPostProcessor, Ordered {

	private final Supplier<ScheduleWorkload> workload;

	private final ConfigurableListableBeanFactory beanFactory;

	/**
	 * Create a gate.
	 * @param workload the gate, created with the first registrar
	 * @param beanFactory holds the schedulers
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

	// An interceptor, such as one that takes locks, may look at the tasks of a scheduler,
	// and would not know a Tick
	private boolean isIntercepted() {
		return Stream.of(this.beanFactory.getBeanNamesForType(TaskScheduler.class, true, false))
			.anyMatch((name) -> AopUtils.isAopProxy(this.beanFactory.getSingleton(name)));
	}

	/**
	 * A registrar that is a bean schedules its tasks when it is initialized, or later.
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
