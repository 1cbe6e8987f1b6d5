package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.reactive.RequestTrackingBeanPostProcessor;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.http.server.reactive.HttpHandler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ReactiveRequestDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class ReactiveRequestDrainAutoConfigurationTests {

	private final HttpHandler handler = (request, response) -> response.setComplete();

	private final ReactiveWebApplicationContextRunner contextRunner = new ReactiveWebApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations())
		.withBean(HttpHandler.class, () -> this.handler);

	@Test
	void tracksTheRequestsOfTheHandlerWithoutAFilter() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(RequestWorkload.class)
			.doesNotHaveBean(FilterRegistrationBean.class)
			.getBean(HttpHandler.class)
			.isNotSameAs(this.handler));
	}

	@Test
	void backsOffWithoutReactor() {
		new ReactiveWebApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.withClassLoader(new FilteredClassLoader("reactor.", "org.reactivestreams."))
			.run((context) -> assertThat(context).doesNotHaveBean(RequestTrackingBeanPostProcessor.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(RequestTrackingBeanPostProcessor.class)
				.getBean(HttpHandler.class)
				.isSameAs(this.handler));
	}

	@Test
	void backsOffInAServletApplication() {
		new WebApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.run((context) -> assertThat(context).doesNotHaveBean(RequestTrackingBeanPostProcessor.class));
	}

}
