package io.github.gracefulshutdown.autoconfigure;

import java.util.EnumSet;

import io.github.gracefulshutdown.web.ConnectorPauser;
import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.servlet.RequestTrackingFilter;
import jakarta.servlet.DispatcherType;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.core.Ordered;

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
	void connectorIsKnownAlsoIfItIsNotToBePaused() {
		this.webContextRunner.run((context) -> assertThat(context).hasSingleBean(ConnectorPauser.class));
		this.webContextRunner.withPropertyValues("graceful-shutdown.connector.pause=false")
			.run((context) -> assertThat(context).hasSingleBean(ConnectorPauser.class)
				.hasSingleBean(RequestWorkload.class));
	}

	@Test
	void reactiveApplicationHasNoFilter() {
		new ReactiveWebApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(RequestWorkload.class)
				.doesNotHaveBean(FilterRegistrationBean.class));
	}

	@Test
	void applicationThatIsNotAWebApplicationHasNoRequests() {
		new ApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(RequestWorkload.class)
				.doesNotHaveBean(ConnectorPauser.class));
	}

}
