package io.github.gracefulshutdown.autoconfigure;

import java.util.List;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.actuate.DrainEndpoint;
import io.github.gracefulshutdown.actuate.DrainHealthIndicator;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.ReactiveBackgroundJobs;
import io.github.gracefulshutdown.metrics.DrainMetrics;
import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.jetty.JettyConnectorPauser;
import io.github.gracefulshutdown.web.netty.NettyConnectorPauser;
import io.github.gracefulshutdown.web.servlet.RequestTrackingFilter;
import io.github.gracefulshutdown.web.tomcat.TomcatConnectorPauser;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.Filter;
import org.apache.catalina.startup.Tomcat;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;
import reactor.netty.http.server.HttpServer;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.jetty.JettyWebServer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for applications that have only some of the optional libraries.
 *
 * @author The Graceful Shutdown authors
 */
class MissingLibraryTests {

	private static final Class<?>[] OPTIONAL = { DrainMetrics.class, DrainEndpoint.class, DrainHealthIndicator.class,
			TomcatConnectorPauser.class, JettyConnectorPauser.class, RequestWorkload.class, RequestTrackingFilter.class,
			BackgroundJobs.class, ReactiveBackgroundJobs.class };

	private final WebApplicationContextRunner webContextRunner = new WebApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations())
		.withBean(SimpleMeterRegistry.class)
		.withPropertyValues("management.endpoints.web.exposure.include=drain");

	@Test
	void withAll() {
		assertOnlyMissing(new FilteredClassLoader("no.such.library"));
	}

	@Test
	void withoutMicrometerCore() {
		assertOnlyMissing(new FilteredClassLoader(MeterRegistry.class), DrainMetrics.class);
	}

	@Test
	void withoutActuator() {
		assertOnlyMissing(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class), DrainEndpoint.class);
	}

	@Test
	void withoutHealth() {
		assertOnlyMissing(new FilteredClassLoader(ConditionalOnEnabledHealthIndicator.class),
				DrainHealthIndicator.class);
	}

	@Test
	void withoutTomcat() {
		assertOnlyMissing(new FilteredClassLoader(Tomcat.class), TomcatConnectorPauser.class);
	}

	@Test
	void withoutSpringBootTomcat() {
		assertOnlyMissing(new FilteredClassLoader(TomcatWebServer.class), TomcatConnectorPauser.class);
	}

	@Test
	void withoutJetty() {
		assertOnlyMissing(new FilteredClassLoader(Server.class), JettyConnectorPauser.class);
	}

	@Test
	void withoutSpringBootJetty() {
		assertOnlyMissing(new FilteredClassLoader(JettyWebServer.class), JettyConnectorPauser.class);
	}

	@Test
	void reactiveWithoutReactorNetty() {
		new ReactiveWebApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.withClassLoader(new FilteredClassLoader(HttpServer.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(NettyConnectorPauser.class));
	}

	@Test
	void withoutReactor() {
		assertOnlyMissing(new FilteredClassLoader("reactor.", "org.reactivestreams."), ReactiveBackgroundJobs.class);
	}

	@Test
	void withoutServletApi() {
		assertOnlyMissing(new FilteredClassLoader(Filter.class), RequestTrackingFilter.class);
	}

	private static String[] beanNames(ListableBeanFactory context, Class<?> type) {
		return Filter.class.isAssignableFrom(type)
				? context.getBeanNamesForType(ResolvableType.forClassWithGenerics(FilterRegistrationBean.class, type))
				: context.getBeanNamesForType(type);
	}

	private void assertOnlyMissing(ClassLoader classLoader, Class<?>... missing) {
		this.webContextRunner.withClassLoader(classLoader).run((context) -> {
			assertThat(context).hasNotFailed();
			for (Class<?> type : OPTIONAL) {
				assertThat(beanNames(context, type)).as(type.getName())
					.hasSize(List.of(missing).contains(type) ? 0 : 1);
			}
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			context.close();
			assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
		});
	}

}
