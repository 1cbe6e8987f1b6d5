package io.github.gracefulshutdown.executor;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.SchedulingTaskExecutor;

/**
 * Decides whether a proxy with the interfaces of an executor may take its place. It may
 * not if a bean can depend on its class.
 *
 * @author The Graceful Shutdown authors
 */
final class Substitutes {

	// Other interfaces may be those of a library that expects a class of its own
	private static final Set<Class<?>> EXECUTORS = Set.of(Executor.class, ExecutorService.class,
			ScheduledExecutorService.class, TaskExecutor.class, AsyncTaskExecutor.class, SchedulingTaskExecutor.class);

	private Substitutes() {
	}

	static boolean arePossible(Object executor, String beanName, @Nullable BeanFactory beanFactory) {
		Class<?> type = executor.getClass();
		boolean hidden = type.getPackage() == Executor.class.getPackage() && !Modifier.isPublic(type.getModifiers());
		Class<?> declared = declaredType(beanName, beanFactory);
		return hidden || (declared != null && EXECUTORS.contains(declared));
	}

	private static @Nullable Class<?> declaredType(String beanName, @Nullable BeanFactory beanFactory) {
		if (!(beanFactory instanceof ConfigurableBeanFactory beans) || !beans.containsBean(beanName)
				|| beans.isFactoryBean(beanName)) {
			return null;
		}
		BeanDefinition definition = beans.getMergedBeanDefinition(beanName);
		Method method = (definition instanceof RootBeanDefinition root) ? root.getResolvedFactoryMethod() : null;
		return (method != null) ? method.getReturnType() : definition.getResolvableType().resolve();
	}

}
