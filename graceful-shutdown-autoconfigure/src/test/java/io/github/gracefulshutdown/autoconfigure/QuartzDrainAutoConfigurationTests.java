package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.quartz.QuartzSchedulerBeanPostProcessor;
import io.github.gracefulshutdown.quartz.QuartzWorkload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link QuartzDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class QuartzDrainAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void drainsSchedulers() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(QuartzWorkload.class)
			.hasSingleBean(QuartzSchedulerBeanPostProcessor.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.quartz", "org.springframework.scheduling.quartz" })
	void backsOffWithoutQuartzAndWithoutSpringsSupportForIt(String missing) {
		this.contextRunner.withClassLoader(new FilteredClassLoader(missing))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(QuartzWorkload.class)
				.doesNotHaveBean(QuartzSchedulerBeanPostProcessor.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(QuartzWorkload.class)
				.doesNotHaveBean(QuartzSchedulerBeanPostProcessor.class));
	}

}
