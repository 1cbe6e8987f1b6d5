package io.github.gracefulshutdown.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.ClassUtils;

/**
 * Matches if methods can be durable jobs: the application has the starter for them, or
 * has switched them on. Their libraries alone are in too many applications.
 *
 * @author The Graceful Shutdown authors
 */
final class OnDurableJobs extends SpringBootCondition {

	/**
	 * A file of the starter.
	 */
	static final String MARKER = "META-INF/graceful-shutdown/durable-jobs";

	private static final String JDBC = "org.springframework.jdbc.core.JdbcTemplate";

	private static final String JSON = "tools.jackson.databind.json.JsonMapper";

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("Durable jobs");
		String problem = findProblem(context.getEnvironment(), context.getClassLoader());
		return (problem != null) ? ConditionOutcome.noMatch(message.because(problem))
				: ConditionOutcome.match(message.because("they are switched on"));
	}

	/**
	 * Find out why there are no durable jobs.
	 * @param environment the environment
	 * @param classLoader the class loader of the application
	 * @return the reason, or {@code null} if there are durable jobs
	 */
	static @Nullable String findProblem(Environment environment, @Nullable ClassLoader classLoader) {
		Boolean enabled = environment.getProperty("graceful-shutdown.durable.enabled", Boolean.class);
		if (Boolean.FALSE.equals(enabled)) {
			return "graceful-shutdown.durable.enabled is false";
		}
		ClassLoader loader = (classLoader != null) ? classLoader : OnDurableJobs.class.getClassLoader();
		if (enabled == null && loader.getResource(MARKER) == null) {
			return "graceful-shutdown-durable-starter is not on the classpath";
		}
		for (String library : new String[] { JDBC, JSON }) {
			if (!ClassUtils.isPresent(library, loader)) {
				return library + " is not on the classpath";
			}
		}
		return null;
	}

}
