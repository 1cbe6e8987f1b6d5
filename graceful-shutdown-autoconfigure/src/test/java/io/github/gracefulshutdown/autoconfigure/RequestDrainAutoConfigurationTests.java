package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.web.ConnectorPauser;
import io.github.gracefulshutdown.web.RequestWorkload;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

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

}
