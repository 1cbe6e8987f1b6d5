package io.github.gracefulshutdown.job;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.SpringProxy;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.KotlinDetector;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.config.TaskManagementConfigUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils.MethodFilter;
import org.springframework.util.StringUtils;
import org.springframework.util.StringValueResolver;

/**
 * Finds the definitions of background jobs, and methods that cannot be tracked.
 *
 * @author The Graceful Shutdown authors
 */
final class JobMethods {

	private static final Log logger = LogFactory.getLog(JobMethods.class);

	/**
	 * Whether interceptors see a {@code Mono} where a suspending function returns.
	 */
	private static final boolean COROUTINES_ARE_REACTIVE = ClassUtils.isPresent("kotlinx.coroutines.reactor.MonoKt",
			JobMethods.class.getClassLoader());

	/**
	 * By target class, then by method: each call would allocate a {@code MethodClassKey}.
	 */
	private final Map<Class<?>, Map<Method, Definition>> definitions = new ConcurrentHashMap<>();

	private final StringValueResolver placeholders;

	private final Supplier<? extends @Nullable PublisherTracker> publishers;

	private final BackgroundJobPointcut pointcut;

	/**
	 * Create an instance without definitions.
	 * @param placeholders resolves placeholders in names
	 * @param publishers tracks the results of reactive methods, {@code null} without
	 * Reactor; resolved at the first such method
	 * @param pointcut matches the methods that are jobs whoever calls them
	 */
	JobMethods(StringValueResolver placeholders, Supplier<? extends @Nullable PublisherTracker> publishers,
			BackgroundJobPointcut pointcut) {
		this.placeholders = placeholders;
		this.publishers = publishers;
		this.pointcut = pointcut;
	}

	Definition get(MethodInvocation invocation) {
		Object target = invocation.getThis();
		return get(invocation.getMethod(),
				(target != null) ? targetClass(target) : invocation.getMethod().getDeclaringClass());
	}

	// Needed with each call, and the target is rarely a proxy itself
	private static Class<?> targetClass(Object target) {
		return (target instanceof SpringProxy) ? AopUtils.getTargetClass(target) : target.getClass();
	}

	Definition get(Method method, Class<?> targetClass) {
		Map<Method, Definition> ofClass = this.definitions.get(targetClass);
		Definition definition = (ofClass != null) ? ofClass.get(method) : null;
		if (definition == null) {
			definition = define(method, targetClass);
			this.definitions.computeIfAbsent(targetClass, (type) -> new ConcurrentHashMap<>()).put(method, definition);
		}
		return definition;
	}

	private Definition define(Method called, Class<?> targetClass) {
		// A proxy may implement an interface that its target does not
		Class<?> type = called.getDeclaringClass().isAssignableFrom(targetClass) ? targetClass
				: called.getDeclaringClass();
		Method method = AopUtils.getMostSpecificMethod(called, type);
		BackgroundJob annotation = AnnotatedElementUtils.findMergedAnnotation(method, BackgroundJob.class);
		if (annotation == null) {
			annotation = AnnotatedElementUtils.findMergedAnnotation(type, BackgroundJob.class);
		}
		String name = (annotation != null) ? this.placeholders.resolveStringValue(annotation.name()) : null;
		boolean tracked = isReactive(method) && !isOwnReactiveType(method);
		return new Definition(StringUtils.hasText(name) ? name : type.getSimpleName() + "." + method.getName(),
				this.pointcut.matches(method, type), (annotation != null) ? annotation.onDrain() : OnDrain.FINISH,
				annotation == null || annotation.interrupt(), method.getReturnType(),
				tracked ? this.publishers.get() : null);
	}

	static boolean isReactive(Method method) {
		ReactiveAdapter adapter = getAdapter(method);
		return (adapter != null && adapter.getDescriptor().isDeferred())
				|| (COROUTINES_ARE_REACTIVE && KotlinDetector.isSuspendingFunction(method));
	}

	// For example ConnectableFlux: it cannot wrap another publisher
	private static boolean isOwnReactiveType(Method method) {
		ReactiveAdapter adapter = getAdapter(method);
		return adapter != null && !method.getReturnType().isAssignableFrom(adapter.getReactiveType());
	}

	private static @Nullable ReactiveAdapter getAdapter(Method method) {
		return !CompletionStage.class.isAssignableFrom(method.getReturnType())
				? ReactiveAdapterRegistry.getSharedInstance().getAdapter(method.getReturnType()) : null;
	}

	/**
	 * Check the methods of a bean that are declared as jobs. Warns of methods that cannot
	 * be tracked, and fails if a name cannot be resolved.
	 * @param beanName the name of the bean
	 * @param targetClass the class of the bean
	 * @param bean the bean, with its proxy if it has one
	 * @param beanFactory the bean factory
	 * @param checkedElsewhere whether others warn of a method of a bean; throws an
	 * exception for a method that must not be a job
	 */
	void check(String beanName, Class<?> targetClass, Object bean, @Nullable BeanFactory beanFactory,
			BiPredicate<Method, String> checkedElsewhere) {
		boolean onType = AnnotatedElementUtils.hasAnnotation(targetClass, BackgroundJob.class);
		MethodIntrospector
			.selectMethods(targetClass,
					(MethodFilter) (method) -> AnnotatedElementUtils.hasAnnotation(method, BackgroundJob.class)
							|| (onType && isMarkedByType(method, targetClass, bean)))
			.forEach((method) -> {
				boolean checked = checkedElsewhere.test(method, beanName);
				get(method, targetClass);
				String problem = !checked ? findProblem(method, targetClass, bean, beanFactory) : null;
				if (problem != null) {
					logger.warn("@BackgroundJob on %s of bean '%s' has no effect: %s"
						.formatted(ClassUtils.getQualifiedMethodName(method, targetClass), beanName, problem));
				}
			});
	}

	private static boolean isMarkedByType(Method method, Class<?> targetClass, Object bean) {
		int modifiers = method.getModifiers();
		return !Modifier.isPrivate(modifiers) && !Modifier.isStatic(modifiers)
				&& !BackgroundJobPointcut.isContainerCallback(method, targetClass)
				&& (!AopUtils.isJdkDynamicProxy(bean) || isOnInterface(method, targetClass, bean));
	}

	private @Nullable String findProblem(Method method, Class<?> targetClass, Object bean,
			@Nullable BeanFactory beanFactory) {
		int modifiers = method.getModifiers();
		if (Modifier.isPrivate(modifiers) || Modifier.isStatic(modifiers)) {
			return "the method is private or static";
		}
		if (isReactive(method) && get(method, targetClass).publishers() == null) {
			return "the method is reactive, and its type is not one that can be tracked";
		}
		if (!AopUtils.isAopProxy(bean)) {
			return "the bean cannot be proxied (is its class final?)";
		}
		if (AopUtils.isCglibProxy(bean) && Modifier.isFinal(modifiers)) {
			return "the method is final";
		}
		if (AopUtils.isJdkDynamicProxy(bean) && !isOnInterface(method, targetClass, bean)) {
			return "the method is not on an interface that the bean's proxy implements";
		}
		if (beanFactory != null && beanFactory.containsBean(TaskManagementConfigUtils.ASYNC_EXECUTION_ASPECT_BEAN_NAME)
				&& (AnnotatedElementUtils.hasAnnotation(method, Async.class)
						|| AnnotatedElementUtils.hasAnnotation(targetClass, Async.class))) {
			return "@Async is woven in by AspectJ";
		}
		return null;
	}

	private static boolean isOnInterface(Method method, Class<?> targetClass, Object proxy) {
		return Arrays.stream(proxy.getClass().getInterfaces())
			.anyMatch((type) -> ClassUtils.hasMethod(type, method.getName(), method.getParameterTypes())
					|| implementsGeneric(type, method, targetClass));
	}

	private static boolean implementsGeneric(Class<?> type, Method method, Class<?> targetClass) {
		return Arrays.stream(type.getMethods())
			.anyMatch((declared) -> declared.getName().equals(method.getName())
					&& AopUtils.getMostSpecificMethod(declared, targetClass).equals(method));
	}

	/**
	 * The declaration of a job.
	 *
	 * @param name the name
	 * @param declared whether each call is a job; if not, only an asynchronous one is
	 * @param onDrain how a shutdown treats the job
	 * @param interrupt whether the thread is interrupted when the job is cancelled
	 * @param returnType the return type of the method
	 * @param publishers tracks the result of the method, {@code null} if the call is the
	 * job
	 */
	record Definition(String name, boolean declared, OnDrain onDrain, boolean interrupt, Class<?> returnType,
			@Nullable PublisherTracker publishers) {

		Job newJob(JobWorkload workload) {
			return new Job(workload, this.name, this.onDrain, this.interrupt);
		}

	}

}
