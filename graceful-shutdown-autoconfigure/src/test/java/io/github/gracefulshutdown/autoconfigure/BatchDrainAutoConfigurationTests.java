package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.batch.BatchBeanPostProcessor;
import io.github.gracefulshutdown.batch.BatchWorkload;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BatchDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class BatchDrainAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void drainsBatchJobs() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(BatchWorkload.class)
			.hasSingleBean(BatchBeanPostProcessor.class));
	}

	@Test
	void backsOffWithoutSpringBatch() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.batch"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(BatchWorkload.class)
				.doesNotHaveBean(BatchBeanPostProcessor.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(BatchWorkload.class)
				.doesNotHaveBean(BatchBeanPostProcessor.class));
	}

}
