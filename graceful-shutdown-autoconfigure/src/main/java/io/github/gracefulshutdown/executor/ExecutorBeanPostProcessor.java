package io.github.gracefulshutdown.executor;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.support.TaskExecutorAdapter;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.ConcurrentTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.util.ReflectionUtils;

/**
 * Ensures that the tasks of executor beans are tracked: through the decorator of Spring's
 * executors, by looking at the pools of the JDK, and by a proxy in the place of executors
 * that are known by their interface only. Schedulers have a
 * {@linkplain TaskSchedulerBeanPostProcessor post-processor of their own}.
 *
 * @author The Graceful Shutdown authors
 */
public final class ExecutorBeanPostProcessor extends TrackingBeanPostProcessor {

	private static final int MOST_WRAPPERS = 3;

	private final Supplier<TaskWorkload> tasks;

	private final Supplier<PoolWorkload> pools;

	/**
	 * Create a post-processor.
	 * @param tasks where tasks are tracked, created with the first executor
	 * @param pools looks at pools, created with the first of them
	 * @param excluded decides by its name whether an executor is left alone
	 */
	public ExecutorBeanPostProcessor(Supplier<TaskWorkload> tasks, Supplier<PoolWorkload> pools,
			Predicate<String> excluded) {
		super(excluded);
		this.tasks = tasks;
		this.pools = pools;
	}

	@Override
	boolean isResponsible(Object target) {
		return target instanceof SimpleApplicationEventMulticaster || (target instanceof Executor
				&& !(target instanceof TaskScheduler) && !(target instanceof ScheduledExecutorService));
	}

	@Override
	ExecutorWorkload workload() {
		return this.tasks.get();
	}

	@Override
	boolean track(Object target, String name) {
		if (target instanceof SimpleAsyncTaskExecutor executor) {
			Decorators.add(SimpleAsyncTaskExecutor.class, executor, executor::setTaskDecorator, name,
					() -> this.tasks.get().throttle(executor, name)::track);
		}
		else if (target instanceof ThreadPoolTaskExecutor executor) {
			track(executor, name);
		}
		else if (target instanceof ThreadPoolExecutor executor) {
			look((pools) -> pools.add(name, executor), name);
		}
		else if (target instanceof ForkJoinPool executor) {
			look((pools) -> pools.add(name, executor), name);
		}
		else if (target instanceof SimpleApplicationEventMulticaster multicaster) {
			track(multicaster, name);
		}
		else {
			return false;
		}
		return true;
	}

	private void track(ThreadPoolTaskExecutor executor, String name) {
		ThreadPoolExecutor pool = executor.getThreadPoolExecutor();
		if (!takesAnyTask(pool) || !Decorators.add(ThreadPoolTaskExecutor.class, executor, executor::setTaskDecorator,
				name, () -> tracking(name))) {
			look((pools) -> pools.add(name, pool), name);
		}
		else if (NotingHandler.isNeeded(pool.getRejectedExecutionHandler())) {
			pool.setRejectedExecutionHandler(new NotingHandler(pool.getRejectedExecutionHandler(),
					() -> look((pools) -> pools.add(name, pool), name)));
		}
	}

	// Its executor is usually not a bean, and cannot be read without its field
	private void track(SimpleApplicationEventMulticaster multicaster, String name) {
		Field field = ReflectionUtils.findField(SimpleApplicationEventMulticaster.class, "taskExecutor");
		Object executor = (field != null) ? getExecutor(field, multicaster) : null;
		if (executor != null && !TrackingProxy.isTracking(executor) && !track(executor, name)) {
			multicaster.setTaskExecutor((Executor) TrackingProxy.create((Executor) executor, name, this.tasks.get()));
		}
	}

	// Another queue may compare the submitted tasks, and would not know a tracked one
	private static boolean takesAnyTask(ThreadPoolExecutor pool) {
		return pool.getQueue() instanceof LinkedBlockingQueue || pool.getQueue() instanceof SynchronousQueue;
	}

	private BinaryOperator<Runnable> tracking(String name) {
		TaskWorkload tasks = this.tasks.get();
		return (task, code) -> tasks.track(name, task, code);
	}

	private void look(Consumer<PoolWorkload> add, String name) {
		if (isSingleton(name)) {
			add.accept(this.pools.get());
		}
	}

	@Override
	boolean trackInside(Object target, String name) {
		return trackInside(target, name, MOST_WRAPPERS) || decorate(target, name);
	}

	private boolean trackInside(Object target, String name, int depth) {
		boolean tracked = false;
		Class<?> type = target.getClass();
		while (depth > 0 && type != null && type.getClassLoader() != null) {
			for (Field field : type.getDeclaredFields()) {
				Object inner = getExecutor(field, target);
				tracked |= inner != null && (TrackingProxy.isTracking(inner) || track(inner, name)
						|| trackInside(inner, name, depth - 1));
			}
			type = type.getSuperclass();
		}
		return tracked;
	}

	private static @Nullable Object getExecutor(Field field, Object target) {
		if (!Executor.class.isAssignableFrom(field.getType()) || Modifier.isStatic(field.getModifiers())) {
			return null;
		}
		ReflectionUtils.makeAccessible(field);
		return ReflectionUtils.getField(field, target);
	}

	// Their decorator is the last resort: it is not told about tasks that are rejected
	private boolean decorate(Object target, String name) {
		if (target instanceof ConcurrentTaskExecutor executor) {
			return Decorators.add(ConcurrentTaskExecutor.class, executor, executor::setTaskDecorator, name,
					() -> tracking(name));
		}
		return target instanceof TaskExecutorAdapter executor && Decorators.add(TaskExecutorAdapter.class, executor,
				executor::setTaskDecorator, name, () -> tracking(name));
	}

}
