package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.executor.TaskWorkload;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.task.SyncTaskExecutor;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link BackgroundJob} methods that their executor rejects, drops, or runs in
 * the calling thread.
 *
 * @author The Graceful Shutdown authors
 */
class DroppedBackgroundJobTests {

	private final ApplicationContextRunner contextRunner = JobApplication.impatient(JobApplication.asyncRunner());

	@Test
	void rejectedVoidMethodIsCountedAsRejected() {
		withExecutor(0, new ThreadPoolExecutor.AbortPolicy()).run((context) -> {
			Jobs bean = context.getBean(Jobs.class);
			Gate gate = context.getBean(Gate.class);
			bean.run(gate::pass);
			assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> bean.run(gate::pass));
			assertThat(JobApplication.namesInFlight(context)).hasSize(1);
			gate.open();
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.REJECTED);
		});
	}

	@Test
	void rejectedFuturesAreCountedAsRejected() {
		withExecutor(0, new ThreadPoolExecutor.AbortPolicy()).run((context) -> {
			Jobs bean = context.getBean(Jobs.class);
			Gate gate = context.getBean(Gate.class);
			bean.run(gate::pass);
			assertThatExceptionOfType(TaskRejectedException.class)
				.isThrownBy(() -> bean.submit(() -> CompletableFuture.completedFuture("never")));
			assertThatExceptionOfType(TaskRejectedException.class)
				.isThrownBy(() -> bean.supply(() -> CompletableFuture.completedFuture("never")));
			gate.open();
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.REJECTED,
					WorkState.REJECTED);
		});
	}

	@Test
	void jobThatRunsInTheCallerIsCountedOnce() {
		withExecutor(0, new ThreadPoolExecutor.CallerRunsPolicy()).run((context) -> {
			Jobs bean = context.getBean(Jobs.class);
			Gate gate = context.getBean(Gate.class);
			JobWorkload jobs = JobApplication.jobs(context);
			AtomicReference<Thread> thread = new AtomicReference<>();
			bean.run(gate::pass);
			bean.run(() -> {
				thread.set(Thread.currentThread());
				assertThat(jobs.getInFlight()).isEqualTo(2);
			});
			assertThat(thread).hasValue(Thread.currentThread());
			gate.open();
			JobApplication.awaitOutcomes(jobs, WorkState.COMPLETED, WorkState.COMPLETED);
		});
	}

	@Test
	void theSubmissionsOfAJobThatRunsInTheCallerAreTracked() {
		this.contextRunner.withBean("taskExecutor", SyncTaskExecutor.class)
			.withBean("other", ThreadPoolTaskExecutor.class)
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				TaskWorkload tasks = context.getBean(TaskWorkload.class);
				ThreadPoolTaskExecutor other = context.getBean("other", ThreadPoolTaskExecutor.class);
				context.getBean(Jobs.class).run(() -> other.execute(gate::passStubbornly));
				assertThat(tasks.getInFlight()).isEqualTo(1);
				gate.open();
			});
	}

	@Test
	void jobThatFailsInTheCallerIsCountedAsFailed() {
		withExecutor(0, new ThreadPoolExecutor.CallerRunsPolicy()).run((context) -> {
			Jobs bean = context.getBean(Jobs.class);
			Gate gate = context.getBean(Gate.class);
			bean.run(gate::pass);
			bean.run(() -> {
				throw new IllegalStateException("Test");
			});
			gate.open();
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.FAILED);
		});
	}

	@Test
	void drainDoesNotWaitForDiscardedVoidMethod() {
		withExecutor(0, new ThreadPoolExecutor.DiscardPolicy()).run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			context.getBean(Jobs.class).run(gate::pass);
			context.getBean(Jobs.class).run(gate::pass);
			assertDrained(application, context::close, gate);
			assertThat(gate.getArrived()).isOne();
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED, WorkState.CANCELLED);
		});
	}

	@Test
	void drainDoesNotWaitForDiscardedCompletableFuture() {
		withExecutor(0, new ThreadPoolExecutor.DiscardPolicy()).run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			context.getBean(Jobs.class).run(gate::pass);
			var future = context.getBean(Jobs.class).supply(() -> {
				gate.pass();
				return CompletableFuture.completedFuture("never");
			});
			assertDrained(application, context::close, gate);
			assertThat(future).isNotDone();
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED, WorkState.CANCELLED);
		});
	}

	@Test
	void drainDoesNotWaitForDiscardedTask() {
		withExecutor(0, new ThreadPoolExecutor.DiscardPolicy()).run((context) -> {
			JobApplication application = JobApplication.of(context);
			TaskWorkload tasks = context.getBean(TaskWorkload.class);
			Gate gate = context.getBean(Gate.class);
			ThreadPoolTaskExecutor executor = context.getBean(ThreadPoolTaskExecutor.class);
			executor.execute(gate::passStubbornly);
			executor.execute(gate::passStubbornly);
			assertDrained(application, context::close, gate);
			assertThat(gate.getArrived()).isOne();
			assertThat(tasks.getCount(WorkState.COMPLETED)).isOne();
			assertThat(tasks.getCount(WorkState.CANCELLED)).isOne();
		});
	}

	@Test
	void drainDoesNotWaitForFutureThatWasCancelledBeforeItBegan() {
		withExecutor(1, new ThreadPoolExecutor.AbortPolicy()).run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			context.getBean(Jobs.class).run(gate::pass);
			Future<String> future = context.getBean(Jobs.class).submit(() -> {
				gate.pass();
				return CompletableFuture.completedFuture("never");
			});
			future.cancel(true);
			assertDrained(application, context::close, gate);
			assertThat(gate.getArrived()).isOne();
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED, WorkState.CANCELLED);
		});
	}

	@Test
	void drainDoesNotWaitForTheQueueOfAnExecutorThatWasShutDown() {
		withExecutor(1, new ThreadPoolExecutor.AbortPolicy()).run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			context.getBean(Jobs.class).run(gate::passStubbornly);
			context.getBean(Jobs.class).run(gate::passStubbornly);
			gate.awaitArrivals(1);
			context.getBean(ThreadPoolTaskExecutor.class).shutdown();
			assertDrained(application, context::close, gate);
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED, WorkState.CANCELLED);
		});
	}

	@Test
	void completableFutureThatIsCancelledBeforeItBeganIsCountedAtOnceAndNeverBegins() {
		withExecutor(2, new ThreadPoolExecutor.AbortPolicy()).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			JobWorkload jobs = JobApplication.jobs(context);
			context.getBean(Jobs.class).run(gate::pass);
			gate.awaitArrivals(1);
			CompletableFuture<String> future = context.getBean(Jobs.class).supply(() -> {
				gate.pass();
				return CompletableFuture.completedFuture("never");
			});
			future.cancel(true);
			assertThat(jobs.getCount(WorkState.CANCELLED)).isOne();
			assertThat(JobApplication.namesInFlight(context)).containsExactly("run");
			gate.open();
			// The executor has only one thread
			context.getBean(Jobs.class)
				.submit(() -> CompletableFuture.completedFuture("last"))
				.get(30, TimeUnit.SECONDS);
			assertThat(gate.getArrived()).isOne();
			JobApplication.awaitOutcomes(jobs, WorkState.COMPLETED, WorkState.CANCELLED, WorkState.COMPLETED);
		});
	}

	private ApplicationContextRunner withExecutor(int queueCapacity, RejectedExecutionHandler handler) {
		return this.contextRunner.withBean(ThreadPoolTaskExecutor.class, () -> {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setMaxPoolSize(1);
			executor.setQueueCapacity(queueCapacity);
			executor.setRejectedExecutionHandler(handler);
			return executor;
		});
	}

	/**
	 * Close while one job is running, and assert that the drain ended before the deadline
	 * at 28 seconds.
	 */
	private static void assertDrained(JobApplication application, Runnable close, Gate gate) {
		application.onDrainStarted(gate::open);
		close.run();
		assertThat(application.report().state()).isEqualTo(DrainState.DRAINED);
		assertThat(application.report().remaining()).isGreaterThan(Duration.ofSeconds(5));
	}

}
