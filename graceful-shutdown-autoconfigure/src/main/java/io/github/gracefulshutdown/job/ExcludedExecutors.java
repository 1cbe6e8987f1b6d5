package io.github.gracefulshutdown.job;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.interceptor.AsyncExecutionAspectSupport;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.task.support.TaskExecutorAdapter;
import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * The executors whose tasks the application does not want to be waited for. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class ExcludedExecutors {

	private static final Log logger = LogFactory.getLog(ExcludedExecutors.class);

	private final Map<Method, Boolean> excluded = new ConcurrentHashMap<>();

	private final Predicate<String> names;

	private final ListableBeanFactory beanFactory;

	private final SingletonSupplier<List<String>> beanNames = SingletonSupplier.of(this::findBeanNames);

	/**
	 * Create an instance.
	 * @param names decides by its name whether an executor is excluded
	 * @param beanFactory holds the executors
	 */
	ExcludedExecutors(Predicate<String> names, ListableBeanFactory beanFactory) {
		this.names = names;
		this.beanFactory = beanFactory;
	}

	private List<String> findBeanNames() {
		return Stream.of(this.beanFactory.getBeanNamesForType(Executor.class, false, false))
			.filter((name) -> this.names.test(name)
					|| Stream.of(this.beanFactory.getAliases(name)).anyMatch(this.names))
			.toList();
	}

	/**
	 * Find their names, as long as that is possible.
	 */
	void resolve() {
		this.beanNames.obtain();
	}

	/**
	 * Return whether an asynchronous method runs on one of them.
	 * @param async knows the executors of methods
	 * @param method the method of the target class
	 * @return whether its executor is excluded
	 */
	boolean contain(AsyncExecutionAspectSupport async, Method method) {
		if (this.beanNames.obtain().isEmpty()) {
			return false;
		}
		Boolean known = this.excluded.get(method);
		if (known == null) {
			known = isExcluded(async, method);
			this.excluded.put(method, known);
		}
		return known;
	}

	private boolean isExcluded(AsyncExecutionAspectSupport async, Method method) {
		try {
			Executor executor = Reflection.executorOf(async, method);
			return this.beanNames.obtain()
				.stream()
				.anyMatch((name) -> this.beanFactory.getBean(name, Executor.class) == executor);
		}
		catch (RuntimeException ex) {
			logger.warn("The executor of %s is not known, so its calls are waited for".formatted(method), ex);
			return false;
		}
	}

	/**
	 * Spring tells nobody which executor a method has.
	 */
	private static final class Reflection {

		private static @Nullable Executor executorOf(AsyncExecutionAspectSupport async, Method method) {
			Method determine = ReflectionUtils.findMethod(AsyncExecutionAspectSupport.class, "determineAsyncExecutor",
					Method.class);
			Assert.state(determine != null, "No such method");
			ReflectionUtils.makeAccessible(determine);
			Object executor = ReflectionUtils.invokeMethod(determine, async, method);
			return (executor instanceof TaskExecutorAdapter adapter) ? adapted(adapter) : (Executor) executor;
		}

		private static @Nullable Executor adapted(TaskExecutorAdapter adapter) {
			Field field = ReflectionUtils.findField(TaskExecutorAdapter.class, "concurrentExecutor");
			Assert.state(field != null, "No such field");
			ReflectionUtils.makeAccessible(field);
			return (Executor) ReflectionUtils.getField(field, adapter);
		}

	}

}
