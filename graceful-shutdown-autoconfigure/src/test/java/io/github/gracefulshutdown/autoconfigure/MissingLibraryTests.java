package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.Filter;
import org.apache.catalina.startup.Tomcat;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for web applications that have only some of the optional libraries.
 *
 * @author The Graceful Shutdown authors
 */
class MissingLibraryTests {

	@ParameterizedTest
	@ValueSource(classes = { MeterRegistry.class, ConditionalOnAvailableEndpoint.class,
			ConditionalOnEnabledHealthIndicator.class, Tomcat.class, Server.class, Mono.class, Filter.class })
	void webApplicationStartsAndDrainsWithout(Class<?> missing) {
		new WebApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.withClassLoader(new FilteredClassLoader(missing))
			.run((context) -> {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				assertThat(shutdown.state()).isEqualTo(DrainState.RUNNING);
				context.close();
				assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
			});
	}

}
