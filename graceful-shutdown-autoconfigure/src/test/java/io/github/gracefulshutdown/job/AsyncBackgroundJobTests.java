package io.github.gracefulshutdown.job;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.WorkState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link BackgroundJob} together with {@link Async}.
 *
 * @author The Graceful Shutdown authors
 */
class AsyncBackgroundJobTests {

	private final ApplicationContextRunner contextRunner = JobApplication.asyncRunner()
		.withPropertyValues("spring.task.execution.pool.core-size=1");

	@Test
	void voidMethodIsInFlightFromSubmissionToEnd() {
		assertTrackedToEnd(this.contextRunner, "task-1");
	}

	@Test
	void futureIsInFlightFromSubmissionToEnd() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			var future = context.getBean(Jobs.class).submit(() -> {
				gate.pass();
				return CompletableFuture.completedFuture("done");
			});
			assertThat(JobApplication.namesInFlight(context)).containsExactly("submit");
			gate.open();
			assertThat(future.get(30, TimeUnit.SECONDS)).isEqualTo("done");
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void completableFutureIsInFlightFromSubmissionToEnd() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			var future = context.getBean(Jobs.class).supply(() -> {
				gate.pass();
				return CompletableFuture.completedFuture("done");
			});
			assertThat(JobApplication.namesInFlight(context)).containsExactly("supply");
			gate.open();
			assertThat(future.get(30, TimeUnit.SECONDS)).isEqualTo("done");
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void completableFutureIsInFlightUntilItsDependentActionsHaveRun() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			var chained = context.getBean(Jobs.class).supply(() -> {
				gate.pass();
				return CompletableFuture.completedFuture("done");
			}).thenApply((result) -> JobApplication.namesInFlight(context));
			gate.open();
			assertThat(chained.get(30, TimeUnit.SECONDS)).containsExactly("supply");
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void failedCompletableFutureIsInFlightUntilItsDependentActionsHaveRun() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			var chained = context.getBean(Jobs.class).supply(() -> {
				gate.pass();
				throw new IllegalStateException("test");
			}).handle((result, ex) -> JobApplication.namesInFlight(context));
			gate.open();
			assertThat(chained.get(30, TimeUnit.SECONDS)).containsExactly("supply");
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.FAILED);
		});
	}

	@Test
	void jobWhoseFutureIsCompletedBySomeoneElseIsInFlightWhileItRuns() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			var future = context.getBean(Jobs.class).supply(() -> {
				gate.pass();
				return CompletableFuture.completedFuture("done");
			});
			gate.awaitArrivals(1);
			future.cancel(true);
			assertThat(JobApplication.namesInFlight(context)).containsExactly("supply");
			gate.open();
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void queuedJobsAreInFlight() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			JobWorkload jobs = JobApplication.jobs(context);
			context.getBean(Jobs.class).run(gate::pass);
			context.getBean(Jobs.class).run(gate::pass);
			context.getBean(Jobs.class).run(gate::pass);
			gate.awaitArrivals(1);
			assertThat(jobs.describe(10)).extracting((job) -> job.state())
				.containsExactlyInAnyOrder(WorkState.RUNNING, WorkState.QUEUED, WorkState.QUEUED);
			gate.open();
			JobApplication.awaitOutcomes(jobs, WorkState.COMPLETED, WorkState.COMPLETED, WorkState.COMPLETED);
		});
	}

	@Test
	void worksOnThreadPerTask() {
		assertTrackedToEnd(this.contextRunner.withBean("applicationTaskExecutor", SimpleAsyncTaskExecutor.class,
				() -> new SimpleAsyncTaskExecutor("simple-")), "simple-1");
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void worksOnVirtualThreads() {
		this.contextRunner.withPropertyValues("spring.threads.virtual.enabled=true").run((context) -> {
			Gate gate = context.getBean(Gate.class);
			CompletableFuture<String> thread = new CompletableFuture<>();
			context.getBean(Jobs.class).run(() -> {
				thread.complete(Thread.currentThread().toString());
				gate.pass();
			});
			assertThat(thread.get(30, TimeUnit.SECONDS)).startsWith("VirtualThread");
			assertThat(JobApplication.namesInFlight(context)).containsExactly("run");
			gate.open();
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void worksOnAnExecutorOfTheApplication() {
		this.contextRunner.withBean("mine", ThreadPoolTaskExecutor.class, () -> {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setThreadNamePrefix("mine-");
			return executor;
		}).withBean(OnMyExecutor.class).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			context.getBean(OnMyExecutor.class).run(gate);
			gate.awaitArrivals(1);
			assertThat(JobApplication.jobs(context).describe(10)).singleElement()
				.satisfies((job) -> assertThat(job.thread()).isEqualTo("mine-1"));
			gate.open();
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void worksWithInterfaceBasedProxy() {
		this.contextRunner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean(PasserImplementation.class)
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				Passer passer = context.getBean(Passer.class);
				assertThat(AopUtils.isJdkDynamicProxy(passer)).isTrue();
				passer.pass(gate);
				passer.pass(gate);
				assertThat(JobApplication.namesInFlight(context)).containsExactly("pass", "pass");
				gate.open();
				JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.COMPLETED);
			});
	}

	@Test
	void worksWhenAsyncIsAppliedFirst() {
		assertTrackedToEnd(JobApplication.runner().withUserConfiguration(AsyncFirstConfiguration.class), "task-1");
	}

	@Test
	void worksWithAnotherAnnotationThanAsync() {
		JobApplication.runner()
			.withUserConfiguration(OtherAsyncConfiguration.class)
			.withBean(OtherAsync.class)
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				context.getBean(OtherAsync.class).run(gate);
				gate.awaitArrivals(1);
				assertThat(JobApplication.jobs(context).describe(10)).singleElement()
					.satisfies((job) -> assertThat(job.thread()).startsWith("task-"));
				gate.open();
				JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
			});
	}

	@Test
	void jobWithoutAsyncRunsInTheCallingThreadOfTheSameBean() {
		this.contextRunner.run((context) -> {
			assertThat(context.getBean(Jobs.class).call(Thread::currentThread)).isSameAs(Thread.currentThread());
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void exceptionOfVoidMethodIsCountedAsFailed() {
		this.contextRunner.run((context) -> {
			context.getBean(Jobs.class).run(() -> {
				throw new IllegalStateException("Test");
			});
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.FAILED);
		});
	}

	@Test
	void exceptionOfFutureIsCountedAsFailed() {
		this.contextRunner.run((context) -> {
			var future = context.getBean(Jobs.class).submit(() -> {
				throw new IllegalStateException("Test");
			});
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> future.get(30, TimeUnit.SECONDS))
				.withMessageContaining("Test");
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.FAILED);
		});
	}

	@Test
	void exceptionOfCompletableFutureIsCountedAsFailed() {
		this.contextRunner.run((context) -> {
			var future = context.getBean(Jobs.class).supply(() -> {
				throw new IllegalStateException("Test");
			});
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> future.get(30, TimeUnit.SECONDS))
				.withMessageContaining("Test");
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.FAILED);
		});
	}

	private static void assertTrackedToEnd(ApplicationContextRunner contextRunner, String thread) {
		contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			JobWorkload jobs = JobApplication.jobs(context);
			context.getBean(Jobs.class).run(gate::pass);
			assertThat(JobApplication.namesInFlight(context)).containsExactly("run");
			gate.awaitArrivals(1);
			assertThat(jobs.describe(10)).singleElement()
				.satisfies((job) -> assertThat(job.thread()).isEqualTo(thread));
			gate.open();
			JobApplication.awaitOutcomes(jobs, WorkState.COMPLETED);
		});
	}

	interface Passer {

		void pass(Gate gate) throws InterruptedException;

	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@interface Elsewhere {

	}

	static class PasserImplementation implements Passer {

		@Override
		@Async
		@BackgroundJob("pass")
		public void pass(Gate gate) throws InterruptedException {
			gate.pass();
		}

	}

	static class OnMyExecutor {

		@Async("mine")
		@BackgroundJob
		void run(Gate gate) throws InterruptedException {
			gate.pass();
		}

	}

	static class OtherAsync {

		@Elsewhere
		@BackgroundJob
		void run(Gate gate) throws InterruptedException {
			gate.pass();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync(order = Ordered.HIGHEST_PRECEDENCE)
	static class AsyncFirstConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync(annotation = Elsewhere.class)
	static class OtherAsyncConfiguration {

	}

}
