package io.github.gracefulshutdown.autoconfigure;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import io.github.gracefulshutdown.job.BackgroundJobBeanPostProcessor;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.DefaultBackgroundJobs;
import io.github.gracefulshutdown.job.JobHandle;
import io.github.gracefulshutdown.job.JobWorkload;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BackgroundJobAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class BackgroundJobAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	private final ApplicationContextRunner bootsExecutorContextRunner = this.contextRunner
		.withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class));

	@Test
	void tracksJobs() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(JobWorkload.class)
			.hasSingleBean(BackgroundJobs.class)
			.hasSingleBean(BackgroundJobBeanPostProcessor.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(JobWorkload.class)
				.doesNotHaveBean(BackgroundJobs.class)
				.doesNotHaveBean(BackgroundJobBeanPostProcessor.class));
	}

	@Test
	void applicationCanDefineItsOwnBackgroundJobs() {
		this.contextRunner.withBean("own", OwnBackgroundJobs.class)
			.run((context) -> assertThat(context).hasSingleBean(JobWorkload.class)
				.getBean(BackgroundJobs.class)
				.isSameAs(context.getBean("own")));
	}

	@Test
	void childContextDoesNotUseTheBackgroundJobsOfItsParent() {
		this.contextRunner.run((parent) -> this.contextRunner.withParent(parent)
			.run((child) -> assertThat(child.getBean(BackgroundJobs.class)).isInstanceOf(DefaultBackgroundJobs.class)
				.isNotSameAs(parent.getBean(BackgroundJobs.class))));
	}

	@Test
	void jobsRunOnTheExecutorOfBoot() {
		this.bootsExecutorContextRunner.run((context) -> assertThat(threadOfAJob(context)).startsWith("task-"));
	}

	@Test
	void jobsRunOnTheExecutorThatIsNamedAfterThem() {
		this.bootsExecutorContextRunner.withUserConfiguration(ExecutorConfiguration.class)
			.run((context) -> assertThat(threadOfAJob(context)).startsWith("mine-"));
	}

	@Test
	void executorThatIsNotADefaultCandidateLeavesThatOfBoot() {
		this.bootsExecutorContextRunner.withUserConfiguration(ExecutorConfiguration.class)
			.run((context) -> assertThat(context)
				.hasBean(TaskExecutionAutoConfiguration.APPLICATION_TASK_EXECUTOR_BEAN_NAME));
		this.bootsExecutorContextRunner.withUserConfiguration(DefaultCandidateConfiguration.class)
			.run((context) -> assertThat(context)
				.doesNotHaveBean(TaskExecutionAutoConfiguration.APPLICATION_TASK_EXECUTOR_BEAN_NAME));
		this.bootsExecutorContextRunner.withUserConfiguration(DefaultCandidateConfiguration.class)
			.withPropertyValues("spring.task.execution.mode=force")
			.run((context) -> assertThat(context)
				.hasBean(TaskExecutionAutoConfiguration.APPLICATION_TASK_EXECUTOR_BEAN_NAME)
				.satisfies((forced) -> assertThat(threadOfAJob(forced)).startsWith("mine-")));
	}

	@Test
	void withoutTheExecutorOfBootJobsRunOnTheOneOfAsyncMethods() {
		this.contextRunner.withBean("taskExecutor", SimpleAsyncTaskExecutor.class, "async-")
			.withBean("other", SimpleAsyncTaskExecutor.class, "other-")
			.run((context) -> assertThat(threadOfAJob(context)).startsWith("async-"));
		this.contextRunner.withBean("only", SimpleAsyncTaskExecutor.class, "only-")
			.run((context) -> assertThat(threadOfAJob(context)).startsWith("only-"));
	}

	@Test
	void withoutAnExecutorEachJobHasAThread() {
		this.contextRunner.run((context) -> assertThat(threadOfAJob(context)).startsWith("background-job-"));
		this.contextRunner.withBean("one", SimpleAsyncTaskExecutor.class, "one-")
			.withBean("two", SimpleAsyncTaskExecutor.class, "two-")
			.run((context) -> assertThat(threadOfAJob(context)).startsWith("background-job-"));
	}

	private static String threadOfAJob(BeanFactory beanFactory) {
		return beanFactory.getBean(BackgroundJobs.class).start("name", () -> Thread.currentThread().getName()).join();
	}

	static class OwnBackgroundJobs implements BackgroundJobs {

		@Override
		public <T> CompletableFuture<T> start(String name, Callable<T> task) {
			throw new UnsupportedOperationException();
		}

		@Override
		public JobHandle track(String name) {
			throw new UnsupportedOperationException();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ExecutorConfiguration {

		@Bean(defaultCandidate = false)
		Executor backgroundJobExecutor() {
			return new SimpleAsyncTaskExecutor("mine-");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DefaultCandidateConfiguration {

		@Bean
		Executor backgroundJobExecutor() {
			return new SimpleAsyncTaskExecutor("mine-");
		}

	}

}
