package io.github.gracefulshutdown.executor;

import java.lang.reflect.Modifier;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.gracefulshutdown.tracking.ProxyTargets;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/**
 * Ensures that the tasks of executor beans are tracked: through the decorator of Spring's
 * executors, by wrapping JDK executors that are known by their interface only, and by
 * looking at the others. Schedulers have a {@linkplain TaskSchedulerBeanPostProcessor
 * post-processor of their own}.
 *
 * @author The Graceful Shutdown authors
 */
public final class ExecutorBeanPostProcessor implements BeanPostProcessor, BeanFactoryAware {

	private static final Log logger = LogFactory.getLog(ExecutorBeanPostProcessor.class);

	private final Supplier<TaskWorkload> tasks;

	private final Supplier<PoolWorkload> pools;

	private final Predicate<String> excluded;

	private @Nullable BeanFactory beanFactory;

	/**
	 * Create a post-processor.
	 * @param tasks where tasks are tracked, created with the first executor
	 * @param pools looks at pools, created with the first of them
	 * @param excluded decides by its name whether an executor is left alone
	 */
	public ExecutorBeanPostProcessor(Supplier<TaskWorkload> tasks, Supplier<PoolWorkload> pools,
			Predicate<String> excluded) {
		this.tasks = tasks;
		this.pools = pools;
		this.excluded = excluded;
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		Object target = ProxyTargets.find(bean);
		String name = ProxyTargets.originalName(beanName);
		if (!(target instanceof Executor) || target instanceof SimpleAsyncTaskScheduler || this.excluded.test(name)) {
			return bean;
		}
		try {
			return track(bean, target, name);
		}
		catch (RuntimeException ex) {
			logger.warn("The tasks of executor '%s' cannot be tracked".formatted(name), ex);
			return bean;
		}
	}

	private Object track(Object bean, Object target, String beanName) {
		if (target instanceof SimpleAsyncTaskExecutor executor) {
			TaskWorkload tasks = this.tasks.get();
			Decorators.add(SimpleAsyncTaskExecutor.class, executor, executor::setTaskDecorator, beanName,
					(task, code) -> executor.isThrottleActive() ? tasks.trackRun(beanName, task, code)
							: tasks.track(beanName, task, code));
		}
		else if (target instanceof ThreadPoolTaskExecutor executor) {
			track(executor, beanName);
		}
		else if (target instanceof ThreadPoolExecutor executor && !(target instanceof ScheduledExecutorService)) {
			look((pools) -> pools.add(beanName, executor), beanName);
		}
		else if (target instanceof ForkJoinPool executor) {
			look((pools) -> pools.add(beanName, executor), beanName);
		}
		else if (bean == target && isKnownByInterfaceOnly(bean)) {
			return new TrackingExecutorService((ExecutorService) bean, beanName, this.tasks.get());
		}
		return bean;
	}

	private void track(ThreadPoolTaskExecutor executor, String beanName) {
		ThreadPoolExecutor pool = executor.getThreadPoolExecutor();
		if (takesAnyTask(pool) && Decorators.add(ThreadPoolTaskExecutor.class, executor, executor::setTaskDecorator,
				beanName, this.tasks.get())) {
			pool.setRejectedExecutionHandler(new NotingHandler(pool.getRejectedExecutionHandler()));
		}
		else {
			look((pools) -> pools.add(beanName, pool), beanName);
		}
	}

	// Another queue may compare the submitted tasks, and would not know a tracked one
	private static boolean takesAnyTask(ThreadPoolExecutor pool) {
		return pool.getQueue() instanceof LinkedBlockingQueue || pool.getQueue() instanceof SynchronousQueue;
	}

	private void look(Consumer<PoolWorkload> add, String beanName) {
		if (this.beanFactory != null && this.beanFactory.containsBean(beanName)
				&& this.beanFactory.isSingleton(beanName)) {
			add.accept(this.pools.get());
		}
	}

	// For example with a virtual thread for each task: nobody can depend on its class
	private static boolean isKnownByInterfaceOnly(Object bean) {
		return bean instanceof ExecutorService && !(bean instanceof ScheduledExecutorService)
				&& bean.getClass().getPackage() == Executor.class.getPackage()
				&& !Modifier.isPublic(bean.getClass().getModifiers());
	}

	/**
	 * Notes that a task was rejected.
	 *
	 * @param handler the handler of the application
	 */
	private record NotingHandler(RejectedExecutionHandler handler) implements RejectedExecutionHandler {

		@Override
		public void rejectedExecution(Runnable task, ThreadPoolExecutor executor) {
			try {
				this.handler.rejectedExecution(task, executor);
			}
			catch (RejectedExecutionException ex) {
				if (task instanceof Task.TrackedRunnable tracked) {
					tracked.rejected();
				}
				throw ex;
			}
		}

	}

}
