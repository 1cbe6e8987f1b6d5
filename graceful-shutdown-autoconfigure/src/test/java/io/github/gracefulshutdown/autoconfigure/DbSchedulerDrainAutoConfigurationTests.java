package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.dbscheduler.DbSchedulerBeanPostProcessor;
import io.github.gracefulshutdown.dbscheduler.DbSchedulerWorkload;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DbSchedulerDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class DbSchedulerDrainAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void drainsSchedulers() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(DbSchedulerWorkload.class)
			.hasSingleBean(DbSchedulerBeanPostProcessor.class));
	}

	@Test
	void backsOffWithoutTheLibrary() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("com.github.kagkarlsson"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(DbSchedulerWorkload.class)
				.doesNotHaveBean(DbSchedulerBeanPostProcessor.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(DbSchedulerWorkload.class)
				.doesNotHaveBean(DbSchedulerBeanPostProcessor.class));
	}

}
