package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.executor.ExecutorBeanPostProcessor;
import io.github.gracefulshutdown.executor.PoolWorkload;
import io.github.gracefulshutdown.executor.ScheduleGate;
import io.github.gracefulshutdown.executor.ScheduleWorkload;
import io.github.gracefulshutdown.executor.TaskSchedulerBeanPostProcessor;
import io.github.gracefulshutdown.executor.TaskWorkload;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ExecutorDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class ExecutorDrainAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void tracksTasksAndSchedules() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(TaskWorkload.class)
			.hasSingleBean(PoolWorkload.class)
			.hasSingleBean(ExecutorBeanPostProcessor.class)
			.hasSingleBean(ScheduleWorkload.class)
			.hasSingleBean(TaskSchedulerBeanPostProcessor.class)
			.hasSingleBean(ScheduleGate.class));
	}

	@Test
	void trackingOfTasksCanBeDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.jobs.track-async=false")
			.run((context) -> assertThat(context).hasSingleBean(ScheduleWorkload.class)
				.doesNotHaveBean(TaskWorkload.class)
				.doesNotHaveBean(PoolWorkload.class)
				.doesNotHaveBean(ExecutorBeanPostProcessor.class));
	}

	@Test
	void trackingOfSchedulesCanBeDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.jobs.track-scheduled=false")
			.run((context) -> assertThat(context).hasSingleBean(TaskWorkload.class)
				.doesNotHaveBean(ScheduleWorkload.class)
				.doesNotHaveBean(TaskSchedulerBeanPostProcessor.class)
				.doesNotHaveBean(ScheduleGate.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(TaskWorkload.class)
				.doesNotHaveBean(PoolWorkload.class)
				.doesNotHaveBean(ExecutorBeanPostProcessor.class)
				.doesNotHaveBean(ScheduleWorkload.class)
				.doesNotHaveBean(TaskSchedulerBeanPostProcessor.class)
				.doesNotHaveBean(ScheduleGate.class));
	}

}
