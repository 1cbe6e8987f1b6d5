package io.github.gracefulshutdown.autoconfigure;

import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.util.function.SingletonSupplier;

/**
 * The names of the beans that the application excludes, or includes. The properties are
 * resolved at the first question: bean post-processors must not create them early.
 *
 * @author The Graceful Shutdown authors
 */
final class ExcludedBeans {

	private ExcludedBeans() {
	}

	static Predicate<String> fromJobs(ObjectProvider<GracefulShutdownProperties> properties) {
		return from(properties, (bound) -> bound.getJobs().getExclude());
	}

	static Predicate<String> fromIntake(ObjectProvider<GracefulShutdownProperties> properties) {
		return from(properties, (bound) -> bound.getIntake().getExclude());
	}

	static Predicate<String> includedInIntake(ObjectProvider<GracefulShutdownProperties> properties) {
		return from(properties, (bound) -> bound.getIntake().getInclude());
	}

	private static Predicate<String> from(ObjectProvider<GracefulShutdownProperties> properties,
			Function<GracefulShutdownProperties, Set<String>> names) {
		SingletonSupplier<GracefulShutdownProperties> bound = SingletonSupplier.of(properties::getObject);
		return (name) -> names.apply(bound.obtain()).contains(name);
	}

}
