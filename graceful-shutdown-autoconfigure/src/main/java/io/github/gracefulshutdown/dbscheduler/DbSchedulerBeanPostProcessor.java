package io.github.gracefulshutdown.dbscheduler;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

import com.github.kagkarlsson.scheduler.Scheduler;
import io.github.gracefulshutdown.tracking.ProxyTargets;

import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;
import org.springframework.beans.factory.support.MergedBeanDefinitionPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.aot.AbstractAotProcessor;

/**
 * Ensures that the executions of beans of type {@link Scheduler} are waited for. Spring
 * must not stop them again: a scheduler warns of that.
 *
 * @author The Graceful Shutdown authors
 */
public final class DbSchedulerBeanPostProcessor
		implements MergedBeanDefinitionPostProcessor, DestructionAwareBeanPostProcessor {

	private static final String STOP = "stop";

	private final Supplier<DbSchedulerWorkload> workload;

	private final Predicate<String> excluded;

	private final Set<String> stoppedHere = ConcurrentHashMap.newKeySet();

	/**
	 * Create a post-processor.
	 * @param workload waits for the executions, created with the first scheduler
	 * @param excluded decides by its name whether a scheduler is left alone
	 */
	public DbSchedulerBeanPostProcessor(Supplier<DbSchedulerWorkload> workload, Predicate<String> excluded) {
		this.workload = workload;
		this.excluded = excluded;
	}

	/**
	 * Not while code is generated ahead of time: it would have no destroy method that
	 * could be found at run time.
	 */
	@Override
	public void postProcessMergedBeanDefinition(RootBeanDefinition definition, Class<?> type, String beanName) {
		if (!Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING) && Scheduler.class.isAssignableFrom(type)
				&& STOP.equals(definition.getDestroyMethodName()) && !this.excluded.test(beanName)) {
			definition.setDestroyMethodName("");
			this.stoppedHere.add(beanName);
		}
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (ProxyTargets.find(bean) instanceof Scheduler scheduler && !this.excluded.test(beanName)) {
			this.workload.get().add(scheduler);
		}
		return bean;
	}

	@Override
	public boolean requiresDestruction(Object bean) {
		return ProxyTargets.find(bean) instanceof Scheduler;
	}

	@Override
	public void postProcessBeforeDestruction(Object bean, String beanName) {
		if (this.stoppedHere.contains(beanName) && ProxyTargets.find(bean) instanceof Scheduler scheduler) {
			this.workload.get().destroy(scheduler);
		}
	}

}
