package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.jobrunr.JobRunrWorkload;
import io.github.gracefulshutdown.jobrunr.JobServerBeanPostProcessor;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JobRunrDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class JobRunrDrainAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void drainsJobServers() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(JobRunrWorkload.class)
			.hasSingleBean(JobServerBeanPostProcessor.class));
	}

	@Test
	void backsOffWithoutTheLibrary() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.jobrunr"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(JobRunrWorkload.class)
				.doesNotHaveBean(JobServerBeanPostProcessor.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(JobRunrWorkload.class)
				.doesNotHaveBean(JobServerBeanPostProcessor.class));
	}

}
