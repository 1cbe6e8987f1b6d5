package io.github.gracefulshutdown.executor;

import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

import io.github.gracefulshutdown.tracking.ProxyTargets;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.task.VirtualThreadTaskExecutor;

/**
 * Ensures that the tasks of beans are tracked, each in the first way that is possible: by
 * the means of its class, by a proxy in its place, or by the executor inside of it. Names
 * the other beans in the log. Looks once more at all singletons when they exist, because
 * some may have been created before this post-processor.
 *
 * @author The Graceful Shutdown authors
 */
abstract class TrackingBeanPostProcessor implements BeanPostProcessor, BeanFactoryAware, SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(TrackingBeanPostProcessor.class);

	private final Predicate<String> excluded;

	private final Set<String> unseen = new ConcurrentSkipListSet<>();

	private volatile boolean started;

	private @Nullable BeanFactory beanFactory;

	TrackingBeanPostProcessor(Predicate<String> excluded) {
		this.excluded = excluded;
	}

	@Override
	public final void setBeanFactory(BeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public final Object postProcessAfterInitialization(Object bean, String beanName) {
		return process(bean, beanName, true);
	}

	@Override
	public final void afterSingletonsInstantiated() {
		if (this.beanFactory instanceof ConfigurableListableBeanFactory beans) {
			for (String name : beans.getSingletonNames()) {
				Object bean = beans.getSingleton(name);
				if (bean != null) {
					process(bean, name, false);
				}
			}
		}
		this.started = true;
		logUnseen();
	}

	private Object process(Object bean, String beanName, boolean replaceable) {
		Object target = ProxyTargets.find(bean);
		String name = ProxyTargets.originalName(beanName);
		if (target == null || !isResponsible(target) || this.excluded.test(name)) {
			return bean;
		}
		try {
			if (target instanceof TrackedVirtualThreads || TrackingProxy.isTracking(target) || track(target, name)) {
				return bean;
			}
			if (replaceable && target == bean && bean instanceof Executor executor) {
				if (Substitutes.arePossible(executor, beanName, this.beanFactory)) {
					return TrackingProxy.create(executor, name, workload());
				}
				if (bean.getClass() == VirtualThreadTaskExecutor.class) {
					return new TrackedVirtualThreads((VirtualThreadTaskExecutor) bean, name, workload());
				}
			}
			if (!trackInside(target, name)) {
				unseen(name, target);
			}
		}
		catch (RuntimeException ex) {
			logger.warn("The tasks of '%s' cannot be tracked".formatted(name), ex);
		}
		return bean;
	}

	private void unseen(String name, Object target) {
		this.unseen.add("'%s' (%s)".formatted(name, target.getClass().getName()));
		if (this.started) {
			logUnseen();
		}
	}

	private void logUnseen() {
		if (!this.unseen.isEmpty()) {
			logger.info("Not waited for: tasks of %s. Start them with BackgroundJobs, or add a Workload bean. "
				.formatted(String.join(", ", this.unseen))
					+ "With its name in graceful-shutdown.jobs.exclude, a bean is not listed here");
			this.unseen.clear();
		}
	}

	final boolean isSingleton(String beanName) {
		return this.beanFactory != null && this.beanFactory.containsBean(beanName)
				&& this.beanFactory.isSingleton(beanName);
	}

	abstract boolean isResponsible(Object target);

	/**
	 * Track the tasks by the means of the class. Has no effect on an executor that is
	 * tracked already: it may be several beans.
	 * @param target the executor
	 * @param name the name of the executor
	 * @return whether they are tracked
	 */
	abstract boolean track(Object target, String name);

	/**
	 * Track the tasks by the means of an executor inside of an unknown one.
	 * @param target the unknown executor
	 * @param name the name of the executor
	 * @return whether they are tracked
	 */
	boolean trackInside(Object target, String name) {
		return false;
	}

	abstract ExecutorWorkload workload();

}
