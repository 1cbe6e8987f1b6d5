package io.github.gracefulshutdown.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

import io.github.gracefulshutdown.web.ConnectorPauser;
import io.github.gracefulshutdown.web.RequestWorkload;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTestContextBootstrapper;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestContextManager;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RequestDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class RequestDrainAutoConfigurationTests {

	private final WebApplicationContextRunner contextRunner = new WebApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void connectorsAreKnownEvenIfTheyAreNotPaused() {
		this.contextRunner.run((context) -> assertThat(context.getBeansOfType(ConnectorPauser.class)).hasSize(2));
		this.contextRunner.withPropertyValues("graceful-shutdown.connector.pause=false")
			.run((context) -> assertThat(context).hasSingleBean(RequestWorkload.class)
				.getBeans(ConnectorPauser.class)
				.hasSize(2));
	}

	@Test
	void connectionsLingerUnlessTheApplicationIsStartedByASpringBootTest() throws Exception {
		this.contextRunner.run((context) -> assertThat(lingerOf(context)).isEqualTo(Duration.ofSeconds(1)));
		TestContext test = new TestContextManager(Example.class).getTestContext();
		try {
			assertThat(lingerOf(test.getApplicationContext())).isEqualTo(Duration.ZERO);
		}
		finally {
			test.markApplicationContextDirty(null);
		}
		this.contextRunner
			.withPropertyValues(SpringBootTestContextBootstrapper.class.getName() + "=true",
					"graceful-shutdown.connector.linger=3s")
			.run((context) -> assertThat(lingerOf(context)).isEqualTo(Duration.ofSeconds(3)));
	}

	@Test
	void connectionsDoNotLingerInARestartOfDevtools() {
		this.contextRunner
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addLast(new MapPropertySource("devtools", devtoolsDefaults())))
			.run((context) -> assertThat(lingerOf(context)).isEqualTo(Duration.ZERO));
	}

	// As DevToolsPropertyDefaultsPostProcessor does it
	private static Map<String, Object> devtoolsDefaults() {
		try {
			Map<String, Object> defaults = new HashMap<>();
			PropertiesLoaderUtils.loadAllProperties("META-INF/spring-devtools.properties").forEach((key, value) -> {
				if (key instanceof String name && name.startsWith("defaults.")) {
					defaults.put(name.substring("defaults.".length()), value);
				}
			});
			return defaults;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Object lingerOf(ApplicationContext context) {
		return Objects.requireNonNull(ReflectionTestUtils.getField(context.getBean(RequestWorkload.class), "linger"));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(RequestWorkload.class)
				.doesNotHaveBean(ConnectorPauser.class));
	}

	@Test
	void backsOffWithoutAWebApplication() {
		new ApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(RequestWorkload.class)
				.doesNotHaveBean(ConnectorPauser.class));
	}

	@SpringBootTest(classes = Application.class)
	static class Example {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ GracefulShutdownAutoConfiguration.class, ApplicationAvailabilityAutoConfiguration.class,
			RequestDrainAutoConfiguration.class })
	static class Application {

	}

}
