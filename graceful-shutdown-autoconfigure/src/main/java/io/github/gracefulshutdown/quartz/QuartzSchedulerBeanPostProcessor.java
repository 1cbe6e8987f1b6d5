package io.github.gracefulshutdown.quartz;

import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.gracefulshutdown.tracking.ProxyTargets;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.scheduling.quartz.SchedulerFactoryBean;

/**
 * Ensures that the jobs of Quartz schedulers are waited for. Finds schedulers that a
 * {@link SchedulerFactoryBean} has created, and beans of type {@link Scheduler}.
 *
 * @author The Graceful Shutdown authors
 */
public final class QuartzSchedulerBeanPostProcessor implements BeanPostProcessor {

	private static final Log logger = LogFactory.getLog(QuartzSchedulerBeanPostProcessor.class);

	private final Supplier<QuartzWorkload> workload;

	private final Predicate<String> excluded;

	/**
	 * Create a post-processor.
	 * @param workload waits for the jobs, created with the first scheduler
	 * @param excluded decides by its name whether a scheduler is left alone
	 */
	public QuartzSchedulerBeanPostProcessor(Supplier<QuartzWorkload> workload, Predicate<String> excluded) {
		this.workload = workload;
		this.excluded = excluded;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		Scheduler scheduler = findScheduler(ProxyTargets.find(bean));
		if (scheduler != null && !this.excluded.test(beanName)) {
			try {
				this.workload.get().add(scheduler);
			}
			catch (SchedulerException | RuntimeException ex) {
				logger.warn("The jobs of scheduler '%s' cannot be waited for".formatted(beanName), ex);
			}
		}
		return bean;
	}

	private static @Nullable Scheduler findScheduler(@Nullable Object bean) {
		if (bean instanceof SchedulerFactoryBean factory) {
			return factory.getScheduler();
		}
		return (bean instanceof Scheduler scheduler) ? scheduler : null;
	}

}
