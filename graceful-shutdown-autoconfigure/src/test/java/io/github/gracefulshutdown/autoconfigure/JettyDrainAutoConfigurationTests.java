package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.jetty.JettyConnectorPauser;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.jetty.JettyWebServer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JettyDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class JettyDrainAutoConfigurationTests {

	private final WebApplicationContextRunner contextRunner = new WebApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void pausesConnectors() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(JettyConnectorPauser.class));
		new ReactiveWebApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.run((context) -> assertThat(context).hasSingleBean(JettyConnectorPauser.class));
	}

	@ParameterizedTest
	@ValueSource(classes = { Server.class, JettyWebServer.class })
	void backsOffWithoutJettyAndWithoutBootsSupportForIt(Class<?> missing) {
		this.contextRunner.withClassLoader(new FilteredClassLoader(missing))
			.run((context) -> assertThat(context).hasSingleBean(RequestWorkload.class)
				.doesNotHaveBean(JettyConnectorPauser.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(JettyConnectorPauser.class));
	}

	@Test
	void backsOffWithoutAWebApplication() {
		new ApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.run((context) -> assertThat(context).doesNotHaveBean(JettyConnectorPauser.class));
	}

}
