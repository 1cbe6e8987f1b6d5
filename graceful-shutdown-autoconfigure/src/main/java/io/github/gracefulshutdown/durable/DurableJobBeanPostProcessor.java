package io.github.gracefulshutdown.durable;

import java.lang.reflect.Method;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.gracefulshutdown.job.BackgroundJobBeanPostProcessor;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.interceptor.AsyncExecutionInterceptor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.EmbeddedValueResolverAware;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.util.Assert;
import org.springframework.util.StringValueResolver;
import org.springframework.util.function.SingletonSupplier;

/**
 * Finds the {@link DurableJob} methods, and lets their proxies store the calls. A run
 * goes through all other interceptors, such as transactions, but not through those of
 * {@code @Async} and background jobs. Deliberately not {@code Ordered}, so that it comes
 * after all post-processors that add interceptors.
 *
 * @author The Graceful Shutdown authors
 */
public final class DurableJobBeanPostProcessor
		implements BeanPostProcessor, SmartInitializingSingleton, BeanFactoryAware, EmbeddedValueResolverAware {

	private static final Set<Integer> TRANSACTIONAL = Set.of(TransactionDefinition.PROPAGATION_REQUIRED,
			TransactionDefinition.PROPAGATION_REQUIRES_NEW, TransactionDefinition.PROPAGATION_NESTED);

	private final Supplier<DefaultDurableJobs> jobs;

	private final JobJson json = new JobJson();

	private @Nullable ConfigurableListableBeanFactory beanFactory;

	private @Nullable DurableJobDefinitions definitions;

	/**
	 * Create a post-processor.
	 * @param jobs stores the calls, resolved at the first one
	 */
	public DurableJobBeanPostProcessor(Supplier<DefaultDurableJobs> jobs) {
		this.jobs = jobs;
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		this.beanFactory = (ConfigurableListableBeanFactory) beanFactory;
	}

	private ConfigurableListableBeanFactory getBeanFactory() {
		Assert.state(this.beanFactory != null, "Not initialized");
		return this.beanFactory;
	}

	@Override
	public void setEmbeddedValueResolver(StringValueResolver resolver) {
		this.definitions = new DurableJobDefinitions(this.json, resolver);
	}

	DurableJobDefinitions getDefinitions() {
		Assert.state(this.definitions != null, "Not initialized");
		return this.definitions;
	}

	JobJson getJson() {
		return this.json;
	}

	/**
	 * Return whether a class declares durable jobs.
	 * @param type the class
	 * @return whether it does
	 */
	public static boolean isDurable(Class<?> type) {
		return AnnotationUtils.isCandidateClass(type, DurableJob.class) && !methods(type).isEmpty();
	}

	private static Set<Method> methods(Class<?> type) {
		return MethodIntrospector.selectMethods(type,
				(org.springframework.util.ReflectionUtils.MethodFilter) DurableJobDefinitions::isDurable);
	}

	/**
	 * A stored job may be due before anybody asks for its bean.
	 */
	@Override
	public void afterSingletonsInstantiated() {
		ConfigurableListableBeanFactory beanFactory = getBeanFactory();
		for (String name : beanFactory.getBeanDefinitionNames()) {
			BeanDefinition definition = beanFactory.getMergedBeanDefinition(name);
			if (!definition.isAbstract() && (definition.isLazyInit() || !definition.isSingleton())) {
				Class<?> type = beanFactory.getType(name, false);
				if (type != null && isDurable(type)) {
					checkScope(type, name);
					beanFactory.getBean(name);
				}
			}
		}
		getDefinitions().complete();
	}

	private void checkScope(Class<?> type, String beanName) {
		if (!getBeanFactory().isSingleton(beanName)) {
			throw new DurableJobDefinitions.Site(methods(type).iterator().next(), type, beanName)
				.invalid("the bean is not a singleton", "Declare the method on a bean without a scope.");
		}
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		Class<?> type = AopUtils.getTargetClass(bean);
		if (AnnotationUtils.isCandidateClass(type, DurableJob.class)) {
			Set<Method> methods = methods(type);
			if (!methods.isEmpty()) {
				process(bean, beanName, type, methods);
			}
		}
		return bean;
	}

	private void process(Object bean, String beanName, Class<?> type, Set<Method> methods) {
		checkScope(type, beanName);
		DurableJobDefinitions definitions = getDefinitions();
		ConfigurableListableBeanFactory beanFactory = getBeanFactory();
		Supplier<Object> target = SingletonSupplier.of(() -> forRuns(beanFactory.getBean(beanName)));
		// The store must outlive those that call the bean
		beanFactory.registerDependentBean(DurableEngine.BEAN_NAME, beanName);
		for (Method method : methods) {
			definitions.define(method, type, beanName, target);
			checkProxy(bean, beanName, type, method);
			DurableJobDefinition definition = definitions.find(method, beanName);
			if (definition != null && isTransactional((Advised) bean, method, type)) {
				definitions.setTransactional(definition.name());
			}
		}
		((Advised) bean).addAdvisor(0, new DefaultPointcutAdvisor(new Methods(methods),
				new DurableJobInterceptor(this.jobs, (method) -> definitions.find(method, beanName), type)));
	}

	private static boolean isTransactional(Advised bean, Method method, Class<?> type) {
		for (Advisor advisor : bean.getAdvisors()) {
			if (advisor.getAdvice() instanceof TransactionAspectSupport transactions) {
				TransactionAttributeSource source = transactions.getTransactionAttributeSource();
				TransactionAttribute attribute = (source != null) ? source.getTransactionAttribute(method, type) : null;
				return attribute != null && TRANSACTIONAL.contains(attribute.getPropagationBehavior());
			}
		}
		return false;
	}

	private static void checkProxy(Object bean, String beanName, Class<?> type, Method method) {
		DurableJobDefinitions.Site site = new DurableJobDefinitions.Site(method, type, beanName);
		if (!(bean instanceof Advised advised) || advised.isFrozen()) {
			throw site.invalid("the bean cannot be proxied (is its class final?)",
					"Let Spring create a proxy of the bean.");
		}
		try {
			AopUtils.selectInvocableMethod(method, bean.getClass());
		}
		catch (IllegalStateException ex) {
			throw site.invalid("the method is not on an interface that the bean's proxy implements",
					"Declare it on the interface, or set spring.aop.proxy-target-class=true.");
		}
	}

	/**
	 * Return the proxy that is part of a run.
	 * @param bean the bean with all its interceptors
	 * @return the bean with those that are part of the run
	 */
	private static Object forRuns(Object bean) {
		if (!(bean instanceof Advised advised)) {
			return bean;
		}
		ProxyFactory factory = new ProxyFactory();
		factory.setTargetSource(advised.getTargetSource());
		factory.setProxyTargetClass(advised.isProxyTargetClass());
		factory.setExposeProxy(advised.isExposeProxy());
		factory.setInterfaces(advised.getProxiedInterfaces());
		for (Advisor advisor : advised.getAdvisors()) {
			if (!isSubmission(advisor)) {
				factory.addAdvisor(advisor);
			}
		}
		return factory.getProxy(bean.getClass().getClassLoader());
	}

	private static boolean isSubmission(Advisor advisor) {
		return advisor.getAdvice() instanceof DurableJobInterceptor
				|| advisor.getAdvice() instanceof AsyncExecutionInterceptor
				|| BackgroundJobBeanPostProcessor.isTracking(advisor.getAdvice());
	}

	/**
	 * Matches the durable jobs of one bean.
	 */
	private static final class Methods extends StaticMethodMatcherPointcut {

		private final Set<Method> methods;

		Methods(Set<Method> methods) {
			this.methods = methods;
		}

		@Override
		public boolean matches(Method method, Class<?> targetClass) {
			return this.methods.contains(AopUtils.getMostSpecificMethod(method, targetClass));
		}

	}

	/**
	 * Finds the definition of a method.
	 */
	interface Finder extends Function<Method, @Nullable DurableJobDefinition> {

	}

}
