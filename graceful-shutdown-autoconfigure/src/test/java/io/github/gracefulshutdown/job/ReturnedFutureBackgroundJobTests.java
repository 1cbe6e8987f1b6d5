package io.github.gracefulshutdown.job;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkState;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BackgroundJob} methods that return a future which completes later.
 *
 * @author The Graceful Shutdown authors
 */
class ReturnedFutureBackgroundJobTests {

	private final ApplicationContextRunner contextRunner = JobApplication.asyncRunner();

	private final CompletableFuture<String> completable = new CompletableFuture<>();

	private final FutureTask<String> plain = new FutureTask<>(() -> "done");

	private final FutureTask<String> failing = new FutureTask<>(() -> {
		throw new IllegalStateException("Test");
	});

	@Test
	void isInFlightUntilTheCompletableFutureCompletes() {
		assertEndsWith(this.completable, () -> this.completable.complete("done"), WorkState.COMPLETED);
	}

	@Test
	void isFailedWhenTheCompletableFutureFails() {
		assertEndsWith(this.completable,
				() -> this.completable.completeExceptionally(new IllegalStateException("Test")), WorkState.FAILED);
	}

	@Test
	void isCancelledWhenTheCompletableFutureIsCancelled() {
		assertEndsWith(this.completable, () -> this.completable.cancel(true), WorkState.CANCELLED);
	}

	@Test
	void isCancelledWhenTheCompletableFutureDependsOnOneThatIsCancelled() {
		assertEndsWith(this.completable.thenApply(String::length), () -> this.completable.cancel(true),
				WorkState.CANCELLED);
	}

	@Test
	void isInFlightUntilTheCompletionStageCompletes() {
		CompletionStage<String> stage = this.completable.minimalCompletionStage();
		assertThat(stage).isNotSameAs(this.completable);
		assertEndsWith(stage, () -> this.completable.complete("done"), WorkState.COMPLETED);
	}

	@Test
	void isInFlightUntilThePlainFutureCompletes() {
		assertEndsWith(this.plain, this.plain::run, WorkState.COMPLETED);
	}

	@Test
	void isFailedWhenThePlainFutureFails() {
		assertEndsWith(this.failing, this.failing::run, WorkState.FAILED);
	}

	@Test
	void isCancelledWhenThePlainFutureIsCancelled() {
		assertEndsWith(this.plain, () -> this.plain.cancel(true), WorkState.CANCELLED);
	}

	@Test
	void isEndedWithThePlainFutureThatIsDone() {
		this.plain.run();
		this.failing.run();
		FutureTask<String> cancelled = new FutureTask<>(() -> "never");
		cancelled.cancel(true);
		this.contextRunner.run((context) -> {
			Jobs bean = context.getBean(Jobs.class);
			assertThat(bean.<Future<String>>call(() -> this.plain)).isSameAs(this.plain);
			bean.call(() -> this.failing);
			bean.call(() -> cancelled);
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.FAILED,
					WorkState.CANCELLED);
		});
	}

	@Test
	void isEndedWithTheFutureThatIsDoneAlthoughTheThreadIsInterrupted() {
		FutureTask<String> done = new FutureTask<>(() -> "done") {

			// As the futures of Guava do
			@Override
			public String get() throws InterruptedException, ExecutionException {
				if (Thread.interrupted()) {
					throw new InterruptedException();
				}
				return super.get();
			}

		};
		done.run();
		this.contextRunner.run((context) -> {
			context.getBean(Jobs.class).call(() -> {
				Thread.currentThread().interrupt();
				return done;
			});
			assertThat(Thread.interrupted()).isTrue();
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void jobsThatEndWithPlainFuturesDoNotPileUp() {
		this.contextRunner.run((context) -> {
			Jobs bean = context.getBean(Jobs.class);
			for (int i = 0; i < 200; i++) {
				FutureTask<String> future = new FutureTask<>(() -> "done");
				bean.call(() -> future);
				future.run();
			}
			assertThat(JobApplication.jobs(context).getCount(WorkState.COMPLETED)).isGreaterThan(100);
		});
	}

	@Test
	void isEndedWithTheCompletableFutureThatIsDone() {
		this.contextRunner.run((context) -> {
			context.getBean(Jobs.class).call(() -> CompletableFuture.completedFuture("done"));
			context.getBean(Jobs.class).call(() -> CompletableFuture.failedFuture(new IllegalStateException("Test")));
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.FAILED);
		});
	}

	@Test
	void asyncMethodIsInFlightUntilItsCompletableFutureCompletes() {
		this.contextRunner.run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			context.getBean(Jobs.class).supply(() -> this.completable);
			JobApplication.awaitState(jobs, WorkState.WAITING);
			this.completable.complete("done");
			JobApplication.awaitOutcomes(jobs, WorkState.COMPLETED);
		});
	}

	@Test
	void asyncMethodIsInFlightUntilItsPlainFutureCompletes() {
		this.contextRunner.run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			context.getBean(Jobs.class).submit(() -> this.plain);
			JobApplication.awaitState(jobs, WorkState.WAITING);
			this.plain.run();
			JobApplication.awaitOutcomes(jobs, WorkState.COMPLETED);
		});
	}

	@Test
	void drainWaitsForTheCompletableFuture() {
		assertDrainedAfter(this.completable, () -> this.completable.complete("done"));
	}

	@Test
	void drainWaitsForThePlainFuture() {
		assertDrainedAfter(this.plain, this.plain);
	}

	@Test
	void futureThatDoesNotCompleteIsAbandoned() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon()).run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			context.getBean(Jobs.class).call(() -> this.completable);
			context.getBean(Jobs.class).call(() -> this.plain);
			context.close();
			assertThat(application.report().abandoned()).extracting((job) -> job.state())
				.containsExactly(WorkState.WAITING, WorkState.WAITING);
			this.completable.complete("too late");
			this.plain.run();
			JobApplication.assertOutcomes(jobs, WorkState.ABANDONED, WorkState.ABANDONED);
		});
	}

	private void assertEndsWith(Object result, Runnable completion, WorkState outcome) {
		this.contextRunner.run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			assertThat(context.getBean(Jobs.class).<Object>call(() -> result)).isSameAs(result);
			assertThat(jobs.getInFlight()).isOne();
			assertThat(jobs.describe(10)).singleElement().satisfies((job) -> {
				assertThat(job.state()).isEqualTo(WorkState.WAITING);
				assertThat(job.thread()).isNull();
			});
			completion.run();
			JobApplication.assertOutcomes(jobs, outcome);
		});
	}

	private void assertDrainedAfter(Future<String> result, Runnable completion) {
		this.contextRunner.run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			context.getBean(Jobs.class).call(() -> result);
			application.onDrainStarted(completion);
			context.close();
			assertThat(result).isDone();
			assertThat(application.report().state()).isEqualTo(DrainState.DRAINED);
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED);
		});
	}

}
