package io.github.gracefulshutdown.job;

import java.lang.reflect.Method;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

import io.micrometer.observation.ObservationRegistry;
import org.aopalliance.aop.Advice;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.EmbeddedValueResolverAware;
import org.springframework.core.Ordered;
import org.springframework.util.Assert;
import org.springframework.util.StringValueResolver;

/**
 * Adds the tracking of {@link BackgroundJob} methods, and of asynchronous listeners and
 * schedules, to the proxies of their beans. Creates a proxy if the bean has none. Runs
 * before the post-processors for {@code @Async} and for message listeners, so that these
 * work with the proxy. After all of them, {@link #arranger()} brings the interceptors
 * into order.
 *
 * @author The Graceful Shutdown authors
 */
@SuppressWarnings("serial")
public final class BackgroundJobBeanPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor
		implements EmbeddedValueResolverAware, SmartInitializingSingleton {

	private final Supplier<JobWorkload> workload;

	private final Supplier<ObservationRegistry> observations;

	private final Supplier<? extends @Nullable PublisherTracker> publishers;

	private final JobTracking tracking;

	private final AsynchronousListeners listeners;

	private final Set<Class<?>> checked = ConcurrentHashMap.newKeySet();

	private BiPredicate<Method, String> checkedElsewhere = (method, beanName) -> false;

	private @Nullable BeanFactory beanFactory;

	private @Nullable ExcludedExecutors excluded;

	private @Nullable JobMethods methods;

	/**
	 * Create a post-processor.
	 * @param workload where jobs are tracked, resolved when the application starts, or
	 * when a job is submitted before that
	 * @param observations where jobs are observed, resolved when the first job begins
	 * @param publishers tracks the results of reactive methods, {@code null} without
	 * Reactor; resolved at the first such method
	 * @param tracking the work that is tracked without an annotation
	 */
	public BackgroundJobBeanPostProcessor(Supplier<JobWorkload> workload, Supplier<ObservationRegistry> observations,
			Supplier<? extends @Nullable PublisherTracker> publishers, JobTracking tracking) {
		this.tracking = tracking;
		this.listeners = new AsynchronousListeners(tracking.scheduled());
		this.workload = workload;
		this.observations = observations;
		this.publishers = publishers;
		setOrder(Ordered.LOWEST_PRECEDENCE - 1);
		setBeforeExistingAdvisors(true);
	}

	/**
	 * Leave it to others to check some methods, so that there are no two messages about
	 * one method.
	 * @param checkedElsewhere whether others check a method, given the name of its bean;
	 * throws an exception for a method that must not be a job
	 */
	public void setCheckedElsewhere(BiPredicate<Method, String> checkedElsewhere) {
		this.checkedElsewhere = checkedElsewhere;
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		super.setBeanFactory(beanFactory);
		this.beanFactory = beanFactory;
		this.excluded = new ExcludedExecutors(this.tracking.excluded(), (ListableBeanFactory) beanFactory);
	}

	@Override
	public void setEmbeddedValueResolver(StringValueResolver resolver) {
		BackgroundJobPointcut pointcut = new BackgroundJobPointcut(this.listeners);
		JobMethods methods = new JobMethods(resolver, this.publishers, pointcut);
		this.methods = methods;
		this.advisor = new DefaultPointcutAdvisor(pointcut,
				new JobRunInterceptor(this.workload, this.observations, methods));
	}

	// The first job may come after the end, when no bean can be resolved any more
	@Override
	public void afterSingletonsInstantiated() {
		this.workload.get();
		if (this.excluded != null) {
			this.excluded.resolve();
		}
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		Class<?> targetClass = AopUtils.getTargetClass(bean);
		// Only the proxy may implement the interface, such as that of a repository
		Class<?> type = isEligible(targetClass) ? targetClass : bean.getClass();
		if (this.methods == null || bean instanceof AopInfrastructureBean || !isEligible(type)) {
			return bean;
		}
		Object result = proxy(bean, beanName);
		if (this.checked.add(type)) {
			this.methods.check(beanName, type, result, this.beanFactory, this.checkedElsewhere);
		}
		return result;
	}

	@Override
	protected ProxyFactory prepareProxyFactory(Object bean, String beanName) {
		ProxyFactory factory = super.prepareProxyFactory(bean, beanName);
		// The container of a listener calls it on the class, not on an interface
		if (this.listeners.areIn(bean.getClass())) {
			factory.setProxyTargetClass(true);
		}
		return factory;
	}

	private Object proxy(Object bean, String beanName) {
		try {
			return super.postProcessAfterInitialization(bean, beanName);
		}
		catch (AopConfigException ex) {
			// Probably a final class. The bean works without a proxy, and check() warns
			return bean;
		}
	}

	/**
	 * Return whether an advice only tracks jobs, and so can be left out.
	 * @param advice the advice
	 * @return whether it is of this library
	 */
	public static boolean isTracking(Advice advice) {
		return advice instanceof JobRunInterceptor || advice instanceof JobSubmissionInterceptor;
	}

	/**
	 * Return the post-processor that must come after all {@link Ordered} ones.
	 * @return the post-processor
	 */
	public BeanPostProcessor arranger() {
		ExcludedExecutors excluded = this.excluded;
		JobMethods methods = this.methods;
		Assert.state(this.advisor != null && methods != null && excluded != null, "Not initialized");
		return new JobAdviceArranger((DefaultPointcutAdvisor) this.advisor, this.tracking.async(),
				(async) -> new JobSubmissionInterceptor(this.workload, methods, async, excluded));
	}

}
