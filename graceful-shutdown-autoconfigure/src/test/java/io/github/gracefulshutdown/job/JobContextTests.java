package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.task.support.ContextPropagatingTaskDecorator;
import org.springframework.scheduling.annotation.Async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link JobContext} and {@link OnDrain}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class JobContextTests {

	private final ApplicationContextRunner contextRunner = JobApplication.asyncRunner()
		.withBean(DrainAwareJobs.class)
		.withPropertyValues("spring.task.execution.pool.core-size=1");

	@Test
	void outsideOfAJobNothingStops() throws Exception {
		JobContext context = JobContext.current();
		assertThat(context.isStopping()).isFalse();
		assertThat(context.isCancelled()).isFalse();
		assertThat(context.remaining()).isNull();
		assertThat(context.sleep(Duration.ofMillis(1))).isTrue();
		context.onStopping(() -> {
			throw new IllegalStateException("never called");
		});
		context.checkpoint();
	}

	@Test
	void aJobThatSleepsInALoopEndsAtTheSignal() {
		this.contextRunner.run((context) -> {
			JobWorkload workload = JobApplication.jobs(context);
			CompletableFuture<Duration> remaining = new CompletableFuture<>();
			CompletableFuture<@Nullable Duration> before = new CompletableFuture<>();
			context.getBean(Jobs.class).run(() -> {
				JobContext job = JobContext.current();
				assertThat(job.sleep(Duration.ofMillis(1))).isTrue();
				before.complete(job.remaining());
				while (!job.isStopping()) {
					assertThat(job.sleep(Duration.ofHours(1))).isFalse();
				}
				job.checkpoint();
				remaining.complete(job.remaining());
			});
			assertThat(before.get(30, TimeUnit.SECONDS)).isNull();
			context.close();
			assertThat(remaining.get(30, TimeUnit.SECONDS)).isPositive().isLessThan(Duration.ofSeconds(28));
			JobApplication.assertOutcomes(workload, WorkState.COMPLETED);
		});
	}

	@Test
	void inStandbyNoJobIsAskedToStop() {
		this.contextRunner.run((context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			JobWorkload workload = JobApplication.jobs(context);
			shutdown.standBy("test");
			context.getBean(Jobs.class).call(() -> {
				assertThat(JobContext.current().isStopping()).isFalse();
				assertThat(JobContext.current().remaining()).isNull();
				assertThat(JobContext.current().sleep(Duration.ofMillis(1))).isTrue();
				return null;
			});
			assertThat(workload.accept("cancelled by a shutdown only", OnDrain.CANCEL).isCancelled()).isFalse();
			context.close();
			assertThat(workload.getStopping().isBegun()).isTrue();
		});
	}

	@Test
	void aJobHasItsOwnContextAndTheOuterOneComesBack() {
		this.contextRunner.run((context) -> context.getBean(Jobs.class).call(() -> {
			JobContext outer = JobContext.current();
			JobContext inner = context.getBean(Jobs.class).call(JobContext::current);
			assertThat(inner).isNotSameAs(outer);
			assertThat(JobContext.current()).isSameAs(outer);
			return null;
		}));
		assertThat(JobContext.current()).isSameAs(NoJob.INSTANCE);
	}

	@Test
	void callbacksAreCalledOnceAtTheSignal(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			List<String> called = new CopyOnWriteArrayList<>();
			CountDownLatch stopped = new CountDownLatch(1);
			context.getBean(Jobs.class).call(() -> {
				JobContext.current().onStopping(() -> called.add("of a job that has ended"));
				return null;
			});
			CountDownLatch registered = new CountDownLatch(1);
			context.getBean(Jobs.class).run(() -> {
				JobContext job = JobContext.current();
				job.onStopping(() -> {
					throw new IllegalStateException("boom");
				});
				job.onStopping(() -> called.add("first"));
				job.onStopping(stopped::countDown);
				registered.countDown();
				stopped.await();
				job.onStopping(() -> called.add("late, on " + Thread.currentThread().getName()));
			});
			registered.await();
			assertThat(called).isEmpty();
			context.close();
			assertThat(called).containsExactly("first", "late, on task-1");
			assertThat(output).contains("a callback of job 'run' failed");
		});
	}

	@Test
	void aCancelledJobIsInterruptedOnceAndSeesItAtACheckpoint() {
		this.contextRunner.withPropertyValues(GracePeriods.cancelledSoon()).run((context) -> {
			JobWorkload workload = JobApplication.jobs(context);
			CompletableFuture<Throwable> checkpoint = new CompletableFuture<>();
			context.getBean(Jobs.class).run(() -> {
				JobContext job = JobContext.current();
				await().until(job::isCancelled);
				checkpoint.complete(catchThrowable(job::checkpoint));
				job.checkpoint();
			});
			context.close();
			assertThat(checkpoint.get(30, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
			JobApplication.assertOutcomes(workload, WorkState.CANCELLED);
		});
	}

	@Test
	void aJobThatIsToBeCancelledIsInterruptedOnceAtTheSignal() {
		this.contextRunner.withPropertyValues(GracePeriods.cancelledAndLaterAbandoned()).run((context) -> {
			JobApplication application = JobApplication.of(context);
			Gate gate = context.getBean(Gate.class);
			DrainAwareJobs jobs = context.getBean(DrainAwareJobs.class);
			CompletableFuture<Integer> interrupts = new CompletableFuture<>();
			jobs.cancel(() -> {
				gate.passStubbornly();
				interrupts.complete(gate.getInterrupts());
			});
			jobs.cancel(() -> interrupts.completeExceptionally(new IllegalStateException("begun")));
			gate.awaitArrivals(1);
			CompletableFuture<Throwable> rejected = new CompletableFuture<>();
			application.onDrainStarted(() -> new Thread(() -> {
				await().until(() -> gate.getInterrupts() > 0);
				rejected.complete(catchThrowable(() -> jobs.cancel(gate::passStubbornly)));
			}).start());
			application.onDrainCompleted(gate::open);
			context.close();
			assertThat(rejected.get(30, TimeUnit.SECONDS)).isInstanceOf(JobRejectedException.class);
			assertThat(interrupts.get(30, TimeUnit.SECONDS)).isOne();
			assertThat(application.report().state()).isEqualTo(DrainState.EXPIRED);
			assertThat(application.report().workloads().get(0).outcomes()).containsEntry(WorkState.CANCELLED, 1L)
				.containsEntry(WorkState.REJECTED, 1L);
		});
	}

	@Test
	void aJobThatIsToBeIgnoredIsNotWaitedFor() {
		this.contextRunner.run((context) -> {
			JobApplication application = JobApplication.of(context);
			Gate gate = context.getBean(Gate.class);
			context.getBean(DrainAwareJobs.class).ignore(gate::passStubbornly);
			gate.awaitArrivals(1);
			assertThat(JobApplication.namesInFlight(context)).isEmpty();
			application.onDrainCompleted(gate::open);
			context.close();
			assertThat(application.report().state()).isEqualTo(DrainState.DRAINED);
			assertThat(application.report().duration()).isLessThan(Duration.ofSeconds(20));
		});
	}

	@Test
	void theContextIsCarriedByContextPropagation() {
		this.contextRunner.withBean(ContextPropagatingTaskDecorator.class).run((context) -> {
			Executor executor = context.getBean("applicationTaskExecutor", Executor.class);
			context.getBean(Jobs.class).call(() -> {
				JobContext job = JobContext.current();
				CompletableFuture<JobContext> carried = CompletableFuture.supplyAsync(JobContext::current, executor);
				assertThat(carried.get(30, TimeUnit.SECONDS)).isSameAs(job);
				return null;
			});
			assertThat(CompletableFuture.supplyAsync(JobContext::current, executor).get(30, TimeUnit.SECONDS))
				.isSameAs(NoJob.INSTANCE);
		});
	}

	static class DrainAwareJobs {

		@Async
		@BackgroundJob(name = "cancel", onDrain = OnDrain.CANCEL)
		void cancel(Runnable body) {
			body.run();
		}

		@Async
		@BackgroundJob(name = "ignore", onDrain = OnDrain.IGNORE)
		void ignore(Runnable body) {
			body.run();
		}

	}

}
