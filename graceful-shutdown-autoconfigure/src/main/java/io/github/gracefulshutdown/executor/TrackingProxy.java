package io.github.gracefulshutdown.executor;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;

import io.github.gracefulshutdown.tracking.TrackedSubmission;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * Tracks the tasks of an executor of any class, in its place. It has all interfaces of
 * the executor. An executor behind it, which may be tracked as well, does not count its
 * tasks again. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class TrackingProxy implements InvocationHandler {

	private final Executor executor;

	private final String name;

	private final ExecutorWorkload workload;

	private TrackingProxy(Executor executor, String name, ExecutorWorkload workload) {
		this.executor = executor;
		this.name = name;
		this.workload = workload;
	}

	static Object create(Executor executor, String name, ExecutorWorkload workload) {
		Class<?>[] interfaces = Stream.of(ClassUtils.getAllInterfaces(executor))
			.filter((type) -> Modifier.isPublic(type.getModifiers()))
			.toArray(Class<?>[]::new);
		ClassLoader loader = executor.getClass().getClassLoader();
		return Proxy.newProxyInstance((loader != null) ? loader : TrackingProxy.class.getClassLoader(), interfaces,
				new TrackingProxy(executor, name, workload));
	}

	static boolean isTracking(Object executor) {
		return Proxy.isProxyClass(executor.getClass()) && Proxy.getInvocationHandler(executor) instanceof TrackingProxy;
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] args) throws Throwable {
		if (args == null || args.length == 0) {
			return pass(method, args);
		}
		return switch (method.getName()) {
			case "equals" -> proxy == args[0] || this.executor.equals(args[0]);
			case "execute" -> execute(method, args);
			case "submit" -> submit(proxy, method, args);
			case "submitCompletable" ->
				method.isDefault() ? InvocationHandler.invokeDefault(proxy, method, args) : pass(method, args);
			case "invokeAll", "invokeAny" -> pass(method, replaceFirst(args, trackRuns((Collection<?>) args[0])));
			case "schedule" -> {
				Object future = pass(method, replaceFirst(args, trackRun(args[0])));
				if (future instanceof Future<?> task && this.workload instanceof ScheduleWorkload schedules
						&& !PoolTicks.isRecurring()) {
					schedules.dueLater(this.name, task);
				}
				yield future;
			}
			case "scheduleAtFixedRate", "scheduleWithFixedDelay" -> pass(method, replaceFirst(args, trackRun(args[0])));
			default -> pass(method, args);
		};
	}

	private @Nullable Object execute(Method method, Object[] args) throws Throwable {
		if (!(args[0] instanceof Runnable task)) {
			return pass(method, args);
		}
		Runnable tracked = this.workload.track(this.name, task, () -> {
			TrackedSubmission.end();
			task.run();
		});
		try {
			return TrackedSubmission.during(() -> pass(method, replaceFirst(args, tracked)));
		}
		catch (RejectedExecutionException ex) {
			if (tracked instanceof Task.TrackedRunnable rejected) {
				rejected.rejected();
			}
			throw ex;
		}
	}

	// The future goes through the executor as a task, so that its end is known even if it
	// is cancelled before it begins
	private @Nullable Object submit(Object proxy, Method method, Object[] args) throws Throwable {
		if (method.getReturnType() != Future.class) {
			return pass(method, replaceFirst(args, trackRun(args[0])));
		}
		FutureTask<?> future = (args[0] instanceof Callable<?> callable) ? new FutureTask<>(callable)
				: new FutureTask<>(Executors.callable((Runnable) args[0], (args.length > 1) ? args[1] : null));
		((Executor) proxy).execute(future);
		return future;
	}

	// Their caller waits for them
	private List<?> trackRuns(Collection<?> tasks) {
		return tasks.stream().map(this::trackRun).toList();
	}

	private Object trackRun(Object task) {
		boolean foreign = this.workload.isForeign();
		if (task instanceof Callable<?> callable) {
			return (Callable<?>) () -> this.workload.call(this.name, foreign, callable::call);
		}
		return (task instanceof Runnable runnable) ? (Runnable) () -> run(runnable, foreign) : task;
	}

	private void run(Runnable task, boolean foreign) {
		this.workload.<Boolean, RuntimeException>call(this.name, foreign, () -> {
			task.run();
			return true;
		});
	}

	private static Object[] replaceFirst(Object[] args, Object first) {
		Object[] replaced = args.clone();
		replaced[0] = first;
		return replaced;
	}

	private @Nullable Object pass(Method method, Object @Nullable [] args) throws Throwable {
		try {
			return method.invoke(this.executor, args);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

}
