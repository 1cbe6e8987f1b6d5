package io.github.gracefulshutdown.autoconfigure;

import java.util.EnumSet;

import io.github.gracefulshutdown.web.ConnectorPauser;
import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.reactive.RequestTrackingHttpHandler;
import io.github.gracefulshutdown.web.servlet.RequestTrackingFilter;
import jakarta.servlet.DispatcherType;
import org.junit.jupiter.api.Test;

import org.springframework.boot.reactor.netty.autoconfigure.ReactorNettyConfigurations.ReactorResourceFactoryConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.ReactorNettyProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.core.Ordered;
import org.springframework.http.server.reactive.HttpHandler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RequestDrainAutoConfiguration} and
 * {@link TomcatDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class RequestDrainAutoConfigurationTests {

	private final WebApplicationContextRunner webContextRunner = new WebApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void filterIsTheOutermostForAllDispatchesOfARequest() {
		this.webContextRunner.run((context) -> {
			FilterRegistrationBean<?> registration = context.getBean("requestTrackingFilter",
					FilterRegistrationBean.class);
			assertThat(registration.getFilter()).isInstanceOf(RequestTrackingFilter.class);
			assertThat(registration.getOrder()).isEqualTo(Ordered.HIGHEST_PRECEDENCE);
			assertThat(registration.determineDispatcherTypes())
				.isEqualTo(EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR));
			assertThat(registration.getUrlPatterns()).isEmpty();
		});
	}

	@Test
	void connectorsAreKnownAlsoIfTheyAreNotToBePaused() {
		this.webContextRunner.run((context) -> assertThat(context.getBeansOfType(ConnectorPauser.class)).hasSize(2));
		this.webContextRunner.withPropertyValues("graceful-shutdown.connector.pause=false")
			.run((context) -> assertThat(context).hasSingleBean(RequestWorkload.class)
				.getBeans(ConnectorPauser.class)
				.hasSize(2));
	}

	@Test
	void reactiveApplicationHasNoFilter() {
		new ReactiveWebApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.withBean(HttpHandler.class, () -> (request, response) -> response.setComplete())
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(RequestWorkload.class)
				.doesNotHaveBean(FilterRegistrationBean.class)
				.getBean(HttpHandler.class)
				.isInstanceOf(RequestTrackingHttpHandler.class));
	}

	@Test
	void quietPeriodOfReactorNettyIsSparedUnlessItIsConfigured() {
		ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
			.withConfiguration(DrainApplication.autoConfigurations())
			.withUserConfiguration(ReactorResourceFactoryConfiguration.class);
		runner.run((context) -> assertThat(context.getBean(ReactorNettyProperties.class).getShutdownQuietPeriod())
			.isZero());
		runner.withPropertyValues("spring.reactor.netty.shutdown-quiet-period=3s")
			.run((context) -> assertThat(context.getBean(ReactorNettyProperties.class).getShutdownQuietPeriod())
				.hasSeconds(3));
	}

	@Test
	void applicationThatIsNotAWebApplicationHasNoRequests() {
		new ApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(RequestWorkload.class)
				.doesNotHaveBean(ConnectorPauser.class));
	}

}
