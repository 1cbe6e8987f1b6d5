package io.github.gracefulshutdown.durable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

import io.github.gracefulshutdown.job.OnDrain;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

import org.springframework.aop.support.AopUtils;
import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.Expression;
import org.springframework.util.ReflectionUtils;

/**
 * The declaration of a durable job.
 *
 * @param name its name in the store
 * @param aliases its former names
 * @param method the annotated method
 * @param types the types of its parameters
 * @param key the expression of its key, or {@code null}
 * @param attempts how often it is tried
 * @param backoff the pause before the second attempt
 * @param onDrain how a shutdown treats a run
 * @param interrupt whether a run may be interrupted
 * @param beanName the name of the bean
 * @param target the bean, with the proxy that is part of the run
 * @author The Graceful Shutdown authors
 */
record DurableJobDefinition(String name, List<String> aliases, Method method, List<JavaType> types,
		@Nullable Expression key, int attempts, Duration backoff, OnDrain onDrain, boolean interrupt, String beanName,
		Supplier<Object> target) {

	private static final ParameterNameDiscoverer NAMES = new DefaultParameterNameDiscoverer();

	private static final int MAX_KEY_LENGTH = 200;

	static final Duration MAX_PAUSE = Duration.ofHours(1);

	private static final int MAX_DOUBLINGS = 20;

	/**
	 * Return the variables that an expression of a key can use.
	 * @param method the method of the job
	 * @return the arguments by name, if the class has their names, and by number
	 */
	static Set<String> variables(Method method) {
		Set<String> variables = new LinkedHashSet<>();
		@Nullable String @Nullable [] names = NAMES.getParameterNames(method);
		for (int i = 0; i < method.getParameterCount(); i++) {
			if (names != null) {
				variables.add("#" + names[i]);
			}
			variables.add("#a" + i);
			variables.add("#p" + i);
		}
		return variables;
	}

	@Nullable String keyOf(@Nullable Object[] arguments) {
		if (this.key == null) {
			return null;
		}
		Object value = evaluate(this.key, arguments);
		String key = (value != null) ? value.toString() : null;
		if (key != null && (key.isEmpty() || key.length() > MAX_KEY_LENGTH)) {
			throw new IllegalArgumentException("The key of job '%s' has %d characters, and must have 1 to %d"
				.formatted(this.name, key.length(), MAX_KEY_LENGTH));
		}
		return key;
	}

	private @Nullable Object evaluate(Expression key, @Nullable Object[] arguments) {
		try {
			return key.getValue(new MethodBasedEvaluationContext(this.target.get(), this.method, arguments, NAMES));
		}
		catch (EvaluationException ex) {
			throw new IllegalArgumentException("The key '%s' of job '%s' cannot be evaluated: %s"
				.formatted(key.getExpressionString(), this.name, ex.getMessage()), ex);
		}
	}

	/**
	 * Run the job on the calling thread.
	 * @param arguments the arguments that were read from JSON
	 * @throws Throwable from the job
	 */
	void run(@Nullable Object[] arguments) throws Throwable {
		call(this.target.get(), arguments);
	}

	/**
	 * Call the method of a bean.
	 * @param target the bean, or a proxy of it
	 * @param arguments the arguments
	 * @throws Throwable from the method
	 */
	void call(Object target, @Nullable Object[] arguments) throws Throwable {
		Method method = AopUtils.selectInvocableMethod(this.method, target.getClass());
		ReflectionUtils.makeAccessible(method);
		try {
			method.invoke(target, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	/**
	 * Return the pause after a failure.
	 * @param failures the number of failed attempts, 1 or more
	 * @return the pause in milliseconds: so many jobs that failed together do not come
	 * back together
	 */
	long pauseMillis(int failures) {
		long doubled = this.backoff.toMillis() << Math.min(failures - 1, MAX_DOUBLINGS);
		double jitter = 0.75 + ThreadLocalRandom.current().nextDouble() / 2;
		return (long) (Math.min(doubled, MAX_PAUSE.toMillis()) * jitter);
	}

}
