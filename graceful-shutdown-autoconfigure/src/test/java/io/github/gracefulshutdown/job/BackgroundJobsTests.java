package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.executor.TaskWorkload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.task.SyncTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link BackgroundJobs}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class BackgroundJobsTests {

	private final ApplicationContextRunner contextRunner = JobApplication.runner()
		.withPropertyValues("spring.task.execution.pool.core-size=1");

	@Test
	void runningAndQueuedTasksAreWaitedFor() {
		this.contextRunner.run((context) -> {
			BackgroundJobs jobs = context.getBean(BackgroundJobs.class);
			JobWorkload workload = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			CompletableFuture<String> first = jobs.start("first", () -> {
				gate.pass();
				return Thread.currentThread().getName();
			});
			CompletableFuture<Void> second = jobs.start("second", gate::passStubbornly);
			gate.awaitArrivals(1);
			assertThat(JobApplication.namesInFlight(context)).containsExactlyInAnyOrder("first", "second");
			assertThat(context.getBean(TaskWorkload.class).getInFlight()).isZero();
			JobApplication.of(context).onDrainStarted(gate::open);
			context.close();
			assertThat(first).isCompletedWithValue("task-1");
			assertThat(second).isCompleted();
			JobApplication.assertOutcomes(workload, WorkState.COMPLETED, WorkState.COMPLETED);
		});
	}

	@Test
	void aNameCannotForgeALineOfTheLog(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			BackgroundJobs jobs = context.getBean(BackgroundJobs.class);
			assertThat(jobs.start("a\nforged\u2028line" + "x".repeat(1000), () -> {
				throw new IllegalStateException("Test");
			})).failsWithin(Gate.LIMIT);
			context.close();
			assertThat(output).contains("Background job 'a forged linexxx").doesNotContain("x".repeat(201));
			assertThatExceptionOfType(JobRejectedException.class).isThrownBy(() -> jobs.track("a\nb"))
				.satisfies((ex) -> assertThat(ex.getJobName()).isEqualTo("a b"));
		});
	}

	@Test
	void theSubmissionsOfAJobThatRunsInTheCallerAreTracked() {
		this.contextRunner.withBean("taskExecutor", SyncTaskExecutor.class)
			.withBean("other", ThreadPoolTaskExecutor.class)
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				ThreadPoolTaskExecutor other = context.getBean("other", ThreadPoolTaskExecutor.class);
				context.getBean(BackgroundJobs.class).start("submitting", () -> other.execute(gate::passStubbornly));
				assertThat(context.getBean(TaskWorkload.class).getInFlight()).isOne();
				gate.open();
			});
	}

	@Test
	void childrenAreAcceptedUntilTheDrainHasEnded() {
		this.contextRunner.run((context) -> {
			BackgroundJobs jobs = context.getBean(BackgroundJobs.class);
			JobApplication application = JobApplication.of(context);
			Gate gate = context.getBean(Gate.class);
			AtomicInteger finished = new AtomicInteger();
			jobs.start("parent", () -> {
				gate.passStubbornly();
				jobs.start("child", () -> jobs.start("grandchild", finished::incrementAndGet))
					.thenRun(() -> jobs.start("follow-up", finished::incrementAndGet));
			});
			CompletableFuture<Throwable> late = new CompletableFuture<>();
			application.onDrainStarted(gate::open);
			application.onDrainCompleted(() -> late.complete(catchThrowable(() -> jobs.start("late", () -> {
			}))));
			context.close();
			assertThat(finished).hasValue(2);
			assertThat(late.get(30, TimeUnit.SECONDS)).isInstanceOf(JobRejectedException.class);
			assertThatExceptionOfType(JobRejectedException.class).isThrownBy(() -> jobs.track("late"));
		});
	}

	@Test
	void anErrorReachesTheFutureAndTheLog(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			CompletableFuture<Void> failed = context.getBean(BackgroundJobs.class).start("failing", () -> {
				throw new IllegalStateException("boom");
			});
			assertThatExceptionOfType(CompletionException.class).isThrownBy(failed::join)
				.withCauseInstanceOf(IllegalStateException.class);
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.FAILED);
			assertThat(output).contains("Background job 'failing' has failed").contains("boom");
		});
	}

	@Test
	void aCancelledTaskNeverBegins() {
		this.contextRunner.run((context) -> {
			BackgroundJobs jobs = context.getBean(BackgroundJobs.class);
			Gate gate = context.getBean(Gate.class);
			AtomicInteger begun = new AtomicInteger();
			jobs.start("first", gate::passStubbornly);
			gate.awaitArrivals(1);
			jobs.start("second", begun::incrementAndGet).cancel(false);
			assertThat(JobApplication.namesInFlight(context)).containsExactly("first");
			gate.open();
			jobs.start("third", () -> {
			}).join();
			assertThat(begun).hasValue(0);
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.COMPLETED,
					WorkState.CANCELLED);
		});
	}

	@Test
	void aTaskThatTheExecutorRejectsIsCountedAsRejected() {
		this.contextRunner
			.withPropertyValues("spring.task.execution.pool.max-size=1", "spring.task.execution.pool.queue-capacity=0")
			.run((context) -> {
				BackgroundJobs jobs = context.getBean(BackgroundJobs.class);
				Gate gate = context.getBean(Gate.class);
				jobs.start("first", gate::passStubbornly);
				assertThatExceptionOfType(RejectedExecutionException.class)
					.isThrownBy(() -> jobs.start("second", gate::passStubbornly));
				gate.open();
				JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.REJECTED);
			});
	}

	@Test
	void aQueuedTaskThatIsAbandonedNeverBegins() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon()).run((context) -> {
			BackgroundJobs jobs = context.getBean(BackgroundJobs.class);
			JobApplication application = JobApplication.of(context);
			Gate gate = context.getBean(Gate.class);
			AtomicInteger begun = new AtomicInteger();
			jobs.start("first", gate::passStubbornly);
			CompletableFuture<Integer> second = jobs.start("second", begun::incrementAndGet);
			gate.awaitArrivals(1);
			application.onDrainCompleted(gate::open);
			context.close();
			assertThat(application.report().abandoned()).extracting((job) -> job.name())
				.containsExactlyInAnyOrder("first", "second");
			assertThat(begun).hasValue(0);
			await().until(second::isCancelled);
		});
	}

	@Test
	void aReturnedFutureIsInFlightUntilItIsComplete() {
		this.contextRunner.run((context) -> {
			CompletableFuture<String> returned = new CompletableFuture<>();
			Callable<CompletableFuture<String>> task = () -> returned;
			context.getBean(BackgroundJobs.class).start("asynchronous", task).join();
			assertThat(JobApplication.namesInFlight(context)).containsExactly("asynchronous");
			returned.complete("done");
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void aTrackedJobIsWaitedForUntilItsHandleIsClosed() {
		this.contextRunner.run((context) -> {
			JobWorkload workload = JobApplication.jobs(context);
			BackgroundJobs jobs = context.getBean(BackgroundJobs.class);
			JobHandle handle = jobs.track("callback");
			JobHandle failed = jobs.track("callback");
			JobApplication.awaitState(workload, WorkState.WAITING, 2);
			failed.fail(new IllegalStateException("boom"));
			failed.close();
			CompletableFuture<Boolean> stopping = new CompletableFuture<>();
			JobApplication.of(context)
				.onDrainStarted(() -> new Thread(() -> stopping.complete(awaitStopping(handle))).start());
			context.close();
			assertThat(stopping.join()).isTrue();
			JobApplication.assertOutcomes(workload, WorkState.COMPLETED, WorkState.FAILED);
		});
	}

	private static boolean awaitStopping(JobHandle handle) {
		try (handle) {
			await().until(() -> handle.context().isStopping());
			return true;
		}
	}

	@Test
	void aTrackedJobNoticesThatItIsCancelledAndIsThenAbandoned() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon()).run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobHandle handle = context.getBean(BackgroundJobs.class).track("callback");
			context.close();
			assertThat(handle.context().isCancelled()).isTrue();
			assertThat(application.report().state()).isEqualTo(DrainState.EXPIRED);
			assertThat(application.report().abandoned()).extracting((job) -> job.name()).containsExactly("callback");
			assertThat(handle.context().remaining()).isLessThanOrEqualTo(Duration.ZERO);
		});
	}

}
