package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;
import java.util.Objects;

import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.netty.NettyConnectorPauser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.http.server.HttpServer;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.reactor.netty.autoconfigure.ReactorNettyConfigurations.ReactorResourceFactoryConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.ReactorNettyProperties;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link NettyDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class NettyDrainAutoConfigurationTests {

	private final ReactiveWebApplicationContextRunner contextRunner = new ReactiveWebApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void pausesConnectors() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(NettyConnectorPauser.class));
	}

	@ParameterizedTest
	@ValueSource(classes = { HttpServer.class, NettyReactiveWebServerFactory.class })
	void backsOffWithoutReactorNettyAndWithoutBootsSupportForIt(Class<?> missing) {
		this.contextRunner.withClassLoader(new FilteredClassLoader(missing))
			.run((context) -> assertThat(context).hasSingleBean(RequestWorkload.class)
				.doesNotHaveBean(NettyConnectorPauser.class)
				.doesNotHaveBean(ReactorResourceFactoryBeanPostProcessor.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(NettyConnectorPauser.class)
				.doesNotHaveBean(ReactorResourceFactoryBeanPostProcessor.class));
	}

	@Test
	void backsOffInAServletApplication() {
		new WebApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.run((context) -> assertThat(context).doesNotHaveBean(NettyConnectorPauser.class));
	}

	@Test
	void quietPeriodIsSparedAndThePropertiesAreLeftAlone() {
		this.contextRunner.withUserConfiguration(ReactorResourceFactoryConfiguration.class).run((context) -> {
			assertThat(quietPeriod(context)).isZero();
			assertThat(context.getBean(ReactorNettyProperties.class).getShutdownQuietPeriod()).isNull();
		});
	}

	@Test
	void quietPeriodThatIsConfiguredIsKept() {
		this.contextRunner.withUserConfiguration(ReactorResourceFactoryConfiguration.class)
			.withPropertyValues("spring.reactor.netty.shutdown-quiet-period=3s")
			.run((context) -> assertThat(quietPeriod(context)).hasSeconds(3));
	}

	@Test
	void quietPeriodOfTheApplicationsOwnFactoryIsKept() {
		this.contextRunner.withBean(ReactorResourceFactory.class)
			.run((context) -> assertThat(quietPeriod(context)).hasSeconds(2));
		this.contextRunner.withBean(ReactorResourceFactory.class)
			.withUserConfiguration(ReactorResourceFactoryConfiguration.class)
			.run((context) -> assertThat(quietPeriod(context)).hasSeconds(2));
	}

	private static Duration quietPeriod(BeanFactory beanFactory) {
		Object period = ReflectionTestUtils.getField(beanFactory.getBean(ReactorResourceFactory.class),
				"shutdownQuietPeriod");
		return (Duration) Objects.requireNonNull(period);
	}

}
