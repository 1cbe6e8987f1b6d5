package io.github.gracefulshutdown.dbscheduler;

import java.util.function.Predicate;
import java.util.function.Supplier;

import com.github.kagkarlsson.scheduler.Scheduler;
import io.github.gracefulshutdown.tracking.ProxyTargets;

import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Ensures that the executions of beans of type {@link Scheduler} are waited for.
 *
 * @author The Graceful Shutdown authors
 */
public final class DbSchedulerBeanPostProcessor implements BeanPostProcessor {

	private final Supplier<DbSchedulerWorkload> workload;

	private final Predicate<String> excluded;

	/**
	 * Create a post-processor.
	 * @param workload waits for the executions, created with the first scheduler
	 * @param excluded decides by its name whether a scheduler is left alone
	 */
	public DbSchedulerBeanPostProcessor(Supplier<DbSchedulerWorkload> workload, Predicate<String> excluded) {
		this.workload = workload;
		this.excluded = excluded;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (ProxyTargets.find(bean) instanceof Scheduler scheduler && !this.excluded.test(beanName)) {
			this.workload.get().add(scheduler);
		}
		return bean;
	}

}
