package io.github.gracefulshutdown.autoconfigure;

import java.util.stream.Stream;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.context.annotation.Configurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.util.ClassUtils;

/**
 * The auto-configurations of an application with this library.
 *
 * @author The Graceful Shutdown authors
 */
final class DrainApplication {

	static final String PACKAGE = "io.github.gracefulshutdown";

	private DrainApplication() {
	}

	static Configurations autoConfigurations() {
		return AutoConfigurations.of(Stream
			.concat(Stream.of(ApplicationAvailabilityAutoConfiguration.class, EndpointAutoConfiguration.class,
					LifecycleAutoConfiguration.class, MetricsAutoConfiguration.class), ours())
			.toArray(Class<?>[]::new));
	}

	private static Stream<Class<?>> ours() {
		return ImportCandidates.load(AutoConfiguration.class, DrainApplication.class.getClassLoader())
			.getCandidates()
			.stream()
			.filter((name) -> name.startsWith(PACKAGE))
			.map((name) -> ClassUtils.resolveClassName(name, DrainApplication.class.getClassLoader()));
	}

}
