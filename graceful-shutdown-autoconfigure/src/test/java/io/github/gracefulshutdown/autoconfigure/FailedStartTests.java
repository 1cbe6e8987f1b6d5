package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

import io.github.gracefulshutdown.job.BackgroundJobs;
import jakarta.annotation.PreDestroy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.task.AsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for work that has begun when the start fails.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class FailedStartTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
		.withConfiguration(DrainApplication.autoConfigurations())
		.withBean("resource", Resource.class);

	private final CountDownLatch release = new CountDownLatch(1);

	private final CompletableFuture<Boolean> first = new CompletableFuture<>();

	private final CompletableFuture<Boolean> second = new CompletableFuture<>();

	@AfterEach
	void release() {
		this.release.countDown();
	}

	@Test
	void workIsFinishedBeforeItsBeansAreDestroyed(CapturedOutput output) {
		this.contextRunner.withInitializer((context) -> register(context, Failing.class, () -> {
			submitTwo(context, () -> await().until(() -> output.toString().contains("Shutting down")));
			return new Failing();
		})).run((context) -> assertThat(context).hasFailed());
		assertThat(this.first).isCompletedWithValue(true);
		assertThat(this.second).isCompletedWithValue(true);
		assertThat(output).contains("Shutting down (the start failed): 2 tasks in flight")
			.containsPattern("Drained after .* tasks 2 at the signal, 2 completed, 0 abandoned");
	}

	@Test
	void workIsFinishedBeforeAnAnnotatedMethodOfItsBeanIsCalled(CapturedOutput output) {
		this.contextRunner.withInitializer((context) -> register(context, Failing.class, () -> {
			ConfigurableListableBeanFactory beans = context.getBeanFactory();
			AsyncTaskExecutor executor = beans.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
			((GenericApplicationContext) context).registerBean(AnnotatedResource.class);
			// It is destroyed before the executor, because it is younger
			AnnotatedResource resource = beans.getBean(AnnotatedResource.class);
			executor.execute(() -> {
				await().until(() -> output.toString().contains("Shutting down"));
				this.first.complete(!resource.destroyed);
			});
			return new Failing();
		})).run((context) -> assertThat(context).hasFailed());
		assertThat(this.first).isCompletedWithValue(true);
	}

	@Test
	void queuedWorkIsFinishedIfALifecycleCannotBeStarted(CapturedOutput output) {
		this.contextRunner
			.withPropertyValues("spring.task.execution.pool.core-size=1",
					"spring.lifecycle.timeout-per-shutdown-phase=1ms")
			.withInitializer((context) -> register(context, SmartLifecycle.class, () -> {
				submitTwo(context, () -> await().until(() -> output.toString().contains("Shutting down")));
				return new FailingLifecycle();
			}))
			.run((context) -> assertThat(context).hasFailed());
		assertThat(this.first).isCompletedWithValue(true);
		assertThat(this.second).isCompletedWithValue(true);
	}

	@Test
	void workThatDoesNotEndIsInterrupted(CapturedOutput output) {
		this.contextRunner.withPropertyValues("graceful-shutdown.grace-period=1s")
			.withInitializer((context) -> register(context, Failing.class, () -> {
				submitTwo(context, this.release::await);
				return new Failing();
			}))
			.run((context) -> assertThat(context).hasFailed());
		assertThat(this.first).isCompletedExceptionally();
		assertThat(output).containsPattern("Interrupting 2 tasks .*, 0\\.[012] s until the deadline");
	}

	/**
	 * Plain Spring interrupts it at once.
	 */
	@Test
	void aLoopIsInterruptedWhenNothingElseIsLeft(CapturedOutput output) {
		this.contextRunner.withInitializer((context) -> register(context, Failing.class, () -> {
			submitTwo(context, this.release::await);
			return new Failing();
		})).run((context) -> assertThat(context).hasFailed());
		assertThat(this.first).isCompletedExceptionally();
		assertThat(this.second).isCompletedExceptionally();
		assertThat(output).containsPattern("Interrupting 2 tasks .*, 2[0-9]\\.[0-9] s until the deadline")
			.containsPattern("Drained after .* tasks 2 at the signal, 2 completed, 0 abandoned");
	}

	@Test
	void aJobIsWaitedForBesideALoop(CapturedOutput output) {
		this.contextRunner.withInitializer((context) -> register(context, Failing.class, () -> {
			submitTwo(context, this.release::await);
			context.getBeanFactory().getBean(BackgroundJobs.class).start("job", () -> {
				await().until(() -> output.toString().contains("Shutting down"));
				await().during(Duration.ofMillis(1500)).until(() -> !this.first.isDone());
				return null;
			});
			return new Failing();
		})).run((context) -> assertThat(context).hasFailed());
		assertThat(output).containsPattern("Drained after .*; jobs 1 at the signal, 1 completed, 0 abandoned");
	}

	@Test
	void aStartThatFailsWithoutWorkEndsAtOnce(CapturedOutput output) {
		this.contextRunner.withBean(Failing.class).run((context) -> assertThat(context).hasFailed());
		assertThat(output).doesNotContain("Shutting down");
	}

	@Test
	void aSingleBeanThatIsDestroyedIsNotAFailedStart(CapturedOutput output) {
		this.contextRunner.withInitializer((context) -> register(context, Object.class, () -> {
			submitTwo(context, this.release::await);
			((GenericApplicationContext) context).getDefaultListableBeanFactory().destroySingleton("resource");
			return new Object();
		})).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).doesNotContain("Shutting down");
			this.release.countDown();
		});
	}

	private static <T> void register(ConfigurableApplicationContext context, Class<T> type, Supplier<T> supplier) {
		((GenericApplicationContext) context).registerBean("tested", type, supplier);
	}

	private void submitTwo(ConfigurableApplicationContext context, Code code) {
		ConfigurableListableBeanFactory beans = context.getBeanFactory();
		Resource resource = beans.getBean(Resource.class);
		AsyncTaskExecutor executor = beans.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
		executor.execute(() -> complete(this.first, resource, code));
		executor.execute(() -> complete(this.second, resource, code));
	}

	private static void complete(CompletableFuture<Boolean> result, Resource resource, Code code) {
		try {
			code.run();
			result.complete(!resource.destroyed);
		}
		catch (Exception ex) {
			result.completeExceptionally(ex);
		}
	}

	private interface Code {

		void run() throws Exception;

	}

	static class Resource implements DisposableBean {

		private volatile boolean destroyed;

		@Override
		public void destroy() {
			this.destroyed = true;
		}

	}

	static class AnnotatedResource {

		private volatile boolean destroyed;

		@PreDestroy
		void destroy() {
			this.destroyed = true;
		}

	}

	static class Failing {

		Failing() {
			throw new IllegalStateException("Test");
		}

	}

	static class FailingLifecycle implements SmartLifecycle {

		@Override
		public void start() {
			throw new IllegalStateException("Test");
		}

		@Override
		public void stop() {
		}

		@Override
		public boolean isRunning() {
			return false;
		}

	}

}
