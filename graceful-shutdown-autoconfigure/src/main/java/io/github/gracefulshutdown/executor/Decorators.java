package io.github.gracefulshutdown.executor;

import java.lang.reflect.Field;
import java.util.concurrent.Executor;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.task.TaskDecorator;
import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;

/**
 * Decorates the tasks of Spring's executors. An executor has one decorator and no getter
 * for it, so the decorator of the application is read from its field.
 *
 * @author The Graceful Shutdown authors
 */
final class Decorators {

	private static final Log logger = LogFactory.getLog(Decorators.class);

	private Decorators() {
	}

	/**
	 * Track the tasks of an executor, around its own decorator.
	 * @param <E> the type of executor
	 * @param type the type that declares the field
	 * @param executor the executor
	 * @param setter sets its decorator
	 * @param name the name of the executor
	 * @param tracking gives what tracks a task, as it was submitted and as it was
	 * decorated; called unless the tasks are tracked already
	 * @return whether its tasks can be tracked
	 */
	static <E extends Executor> boolean add(Class<E> type, E executor, Consumer<TaskDecorator> setter, String name,
			Supplier<BinaryOperator<Runnable>> tracking) {
		try {
			Field field = ReflectionUtils.findField(type, "taskDecorator", TaskDecorator.class);
			Assert.state(field != null, "No such field");
			ReflectionUtils.makeAccessible(field);
			TaskDecorator decorator = (TaskDecorator) ReflectionUtils.getField(field, executor);
			if (!(decorator instanceof Tracking)) {
				setter.accept(new Tracking(decorator, tracking.get()));
			}
			return true;
		}
		catch (RuntimeException ex) {
			logger.warn("The tasks of executor '%s' cannot be tracked one by one".formatted(name), ex);
			return false;
		}
	}

	/**
	 * Tracks the decorated task.
	 *
	 * @param decorator the decorator of the application, if any
	 * @param tracking tracks a task, as it was submitted and as it was decorated
	 */
	private record Tracking(@Nullable TaskDecorator decorator,
			BinaryOperator<Runnable> tracking) implements TaskDecorator {

		@Override
		public Runnable decorate(Runnable task) {
			return this.tracking.apply(task, (this.decorator != null) ? this.decorator.decorate(task) : task);
		}

	}

}
