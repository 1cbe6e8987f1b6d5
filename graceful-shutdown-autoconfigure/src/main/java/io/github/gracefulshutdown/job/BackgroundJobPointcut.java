package io.github.gracefulshutdown.job;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;

import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.ApplicationListener;
import org.springframework.context.Lifecycle;
import org.springframework.context.Phased;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Matches the methods that are background jobs.
 *
 * @author The Graceful Shutdown authors
 */
final class BackgroundJobPointcut extends StaticMethodMatcherPointcut {

	private static final List<Class<?>> CALLBACKS = List.of(SmartLifecycle.class, Lifecycle.class, Phased.class,
			ApplicationListener.class, Ordered.class, InitializingBean.class, DisposableBean.class);

	private final AsynchronousListeners listeners;

	BackgroundJobPointcut(AsynchronousListeners listeners) {
		this.listeners = listeners;
		setClassFilter(
				(type) -> AnnotationUtils.isCandidateClass(type, BackgroundJob.class) || listeners.isCandidate(type));
	}

	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		Method specific = AopUtils.getMostSpecificMethod(method, targetClass);
		return AnnotatedElementUtils.hasAnnotation(specific, BackgroundJob.class)
				|| (AnnotatedElementUtils.hasAnnotation(targetClass, BackgroundJob.class)
						&& !isContainerCallback(specific, targetClass))
				|| this.listeners.contains(specific, targetClass);
	}

	/**
	 * Return whether the method is a callback of the container. Such methods are called
	 * after the drain too, so an annotation on the type does not apply to them.
	 * @param method the method
	 * @param targetClass the class of the bean
	 * @return whether the method is a callback, and so not a job
	 */
	static boolean isContainerCallback(Method method, Class<?> targetClass) {
		return ReflectionUtils.isObjectMethod(method)
				|| AnnotatedElementUtils.hasAnnotation(method, EventListener.class)
				|| CALLBACKS.stream()
					.filter((callback) -> callback.isAssignableFrom(targetClass))
					.flatMap((callback) -> Stream.of(callback.getMethods()))
					.anyMatch((declared) -> declared.getName().equals(method.getName())
							&& declared.getParameterCount() == method.getParameterCount());
	}

}
