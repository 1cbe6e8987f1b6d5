package io.github.gracefulshutdown.autoconfigure;

import java.util.EnumSet;

import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.servlet.RequestTrackingFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ServletRequestDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class ServletRequestDrainAutoConfigurationTests {

	private final WebApplicationContextRunner contextRunner = new WebApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void filterIsTheOutermostForAllDispatchesOfARequest() {
		this.contextRunner.run((context) -> {
			FilterRegistrationBean<?> registration = context.getBean(FilterRegistrationBean.class);
			assertThat(registration.getFilter()).isInstanceOf(RequestTrackingFilter.class);
			assertThat(registration.getOrder()).isEqualTo(Ordered.HIGHEST_PRECEDENCE);
			assertThat(registration.determineDispatcherTypes())
				.isEqualTo(EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR));
			assertThat(registration.getUrlPatterns()).isEmpty();
		});
	}

	@Test
	void backsOffWithoutTheServletApi() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(Filter.class))
			.run((context) -> assertThat(context).hasSingleBean(RequestWorkload.class)
				.doesNotHaveBean(FilterRegistrationBean.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(FilterRegistrationBean.class));
	}

	@Test
	void applicationCanRegisterTheFilterItself() {
		this.contextRunner.withUserConfiguration(RegistrationConfiguration.class).run((context) -> {
			FilterRegistrationBean<?> registration = context.getBean(FilterRegistrationBean.class);
			assertThat(registration.getOrder()).isEqualTo(7);
		});
	}

	@Test
	void applicationCanDefineTheFilter() {
		this.contextRunner.withUserConfiguration(FilterConfiguration.class)
			.run((context) -> assertThat(context).hasSingleBean(RequestTrackingFilter.class)
				.doesNotHaveBean(FilterRegistrationBean.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class RegistrationConfiguration {

		@Bean
		FilterRegistrationBean<RequestTrackingFilter> registration(RequestWorkload workload) {
			FilterRegistrationBean<RequestTrackingFilter> registration = new FilterRegistrationBean<>(
					new RequestTrackingFilter(workload));
			registration.setOrder(7);
			return registration;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FilterConfiguration {

		@Bean
		RequestTrackingFilter filter(RequestWorkload workload) {
			return new RequestTrackingFilter(workload);
		}

	}

}
