package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.intake.IntakeWorkload;
import io.github.gracefulshutdown.intake.KafkaIntakeBeanPostProcessor;
import io.github.gracefulshutdown.intake.OtherLifecycleWorkload;
import io.github.gracefulshutdown.intake.RabbitIntakePreparer;
import io.github.gracefulshutdown.intake.ServerWorkload;
import io.github.gracefulshutdown.intake.ServiceRegistrationIntake;
import io.github.gracefulshutdown.intake.SourcePollerIntakeAdapter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link IntakeDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class IntakeDrainAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void stopsListenersAndServers() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(IntakeWorkload.class)
			.hasSingleBean(ServerWorkload.class)
			.hasSingleBean(OtherLifecycleWorkload.class)
			.hasSingleBean(SourcePollerIntakeAdapter.class)
			.hasSingleBean(ServiceRegistrationIntake.class)
			.hasSingleBean(RabbitIntakePreparer.class)
			.hasSingleBean(KafkaIntakeBeanPostProcessor.class));
	}

	@Test
	void withoutRabbitItStopsTheOthers() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.amqp"))
			.run((context) -> assertThat(context).hasSingleBean(IntakeWorkload.class)
				.hasSingleBean(KafkaIntakeBeanPostProcessor.class)
				.doesNotHaveBean(RabbitIntakePreparer.class));
	}

	@Test
	void withoutKafkaItStopsTheOthers() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.kafka"))
			.run((context) -> assertThat(context).hasSingleBean(IntakeWorkload.class)
				.hasSingleBean(RabbitIntakePreparer.class)
				.doesNotHaveBean(KafkaIntakeBeanPostProcessor.class));
	}

	@Test
	void withoutIntegrationItStopsTheOthers() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.integration"))
			.run((context) -> assertThat(context).hasSingleBean(IntakeWorkload.class)
				.hasSingleBean(RabbitIntakePreparer.class)
				.doesNotHaveBean(SourcePollerIntakeAdapter.class));
	}

	@Test
	void withoutSpringCloudItStopsTheOthers() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.cloud"))
			.run((context) -> assertThat(context).hasSingleBean(IntakeWorkload.class)
				.doesNotHaveBean(ServiceRegistrationIntake.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "graceful-shutdown.intake.stop", "graceful-shutdown.enabled" })
	void canBeDisabled(String property) {
		this.contextRunner.withPropertyValues(property + "=false")
			.run((context) -> assertThat(context).doesNotHaveBean(IntakeWorkload.class)
				.doesNotHaveBean(ServerWorkload.class)
				.doesNotHaveBean(ServiceRegistrationIntake.class)
				.doesNotHaveBean(OtherLifecycleWorkload.class)
				.doesNotHaveBean(SourcePollerIntakeAdapter.class)
				.doesNotHaveBean(RabbitIntakePreparer.class)
				.doesNotHaveBean(KafkaIntakeBeanPostProcessor.class));
	}

}
