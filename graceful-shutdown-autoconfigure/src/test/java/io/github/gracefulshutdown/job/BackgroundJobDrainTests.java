package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkState;
import org.junit.jupiter.api.Test;

import org.springframework.aop.interceptor.AsyncUncaughtExceptionHandler;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.AsyncConfigurer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link BackgroundJob} methods while the application drains, and after that.
 *
 * @author The Graceful Shutdown authors
 */
class BackgroundJobDrainTests {

	private final ApplicationContextRunner contextRunner = JobApplication.asyncRunner()
		.withPropertyValues("spring.task.execution.pool.core-size=1");

	private final ApplicationContextRunner cancelledSoon = this.contextRunner
		.withPropertyValues(GracePeriods.cancelledSoon());

	private final ApplicationContextRunner abandonedSoon = this.contextRunner
		.withPropertyValues(GracePeriods.abandonedSoon());

	@Test
	void runningAndQueuedJobsAreWaitedFor() {
		this.contextRunner.run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			context.getBean(Jobs.class).run(gate::pass);
			context.getBean(Jobs.class).run(gate::pass);
			context.getBean(Jobs.class).run(gate::pass);
			gate.awaitArrivals(1);
			application.onDrainStarted(gate::open);
			context.close();
			assertThat(gate.getArrived()).isEqualTo(3);
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED, WorkState.COMPLETED, WorkState.COMPLETED);
			DrainReport report = application.report();
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			assertThat(report.workloads()).extracting(Object::toString)
				.containsExactly("jobs 3 at the signal, 3 completed, 0 abandoned", "tasks 0 at the signal, 0 abandoned",
						"schedules 0 at the signal, 0 abandoned", "pools 0 at the signal, 0 abandoned");
		});
	}

	@Test
	void jobThatIsAcceptedWhileDrainingIsWaitedFor() {
		this.contextRunner.run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			Jobs bean = context.getBean(Jobs.class);
			bean.run(() -> {
				gate.pass();
				bean.run(() -> bean.run(gate::pass));
			});
			gate.awaitArrivals(1);
			application.onDrainStarted(gate::open);
			context.close();
			assertThat(gate.getArrived()).isEqualTo(2);
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED, WorkState.COMPLETED, WorkState.COMPLETED);
		});
	}

	@Test
	void submissionIsRejectedWhenTheDrainHasEnded() {
		this.contextRunner.run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			Jobs bean = context.getBean(Jobs.class);
			List<Throwable> exceptions = new CopyOnWriteArrayList<>();
			application.onDrainCompleted(() -> exceptions.add(catchThrowable(() -> bean.run(gate::pass))));
			context.close();
			assertThat(exceptions).singleElement()
				.isInstanceOfSatisfying(JobRejectedException.class,
						(ex) -> assertThat(ex.getJobName()).isEqualTo("run"))
				.hasToString(JobRejectedException.class.getName()
						+ ": Background job 'run' was rejected because the drain has ended, and nothing would"
						+ " wait for it. Start the last jobs at ServingStoppedEvent");
			assertThat(gate.getArrived()).isZero();
			JobApplication.assertOutcomes(jobs, WorkState.REJECTED);
		});
	}

	@Test
	void callRunsAsUsualWhenTheDrainHasEndedInTime() {
		this.contextRunner.run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			Jobs bean = context.getBean(Jobs.class);
			List<Object> results = new CopyOnWriteArrayList<>();
			Callable<Object> flush = () -> results.add(JobContext.current().isStopping());
			application.onDrainCompleted(() -> catchThrowable(() -> bean.call(flush)));
			context.close();
			Thread thread = new Thread(() -> catchThrowable(() -> bean.call(flush)));
			thread.start();
			thread.join();
			assertThat(bean.call(() -> "after")).isEqualTo("after");
			assertThat(results).containsExactly(true, true);
			JobApplication.assertOutcomes(jobs);
			assertThat(JobContext.current()).isSameAs(NoJob.INSTANCE);
		});
	}

	@Test
	void callIsRejectedWhenTheDrainHasExpired() {
		this.abandonedSoon.run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			Jobs bean = context.getBean(Jobs.class);
			bean.run(gate::passStubbornly);
			gate.awaitArrivals(1);
			context.close();
			assertThatExceptionOfType(JobRejectedException.class).isThrownBy(() -> bean.call(() -> "after"));
			gate.open();
			JobApplication.assertOutcomes(jobs, WorkState.ABANDONED, WorkState.REJECTED);
		});
	}

	@Test
	void callOfAJobThatIsCancelledAtTheSignalIsRejectedAfterTheDrainToo() {
		this.contextRunner.withBean(CancelledAtTheSignal.class).run((context) -> {
			CancelledAtTheSignal bean = context.getBean(CancelledAtTheSignal.class);
			context.close();
			assertThatExceptionOfType(JobRejectedException.class).isThrownBy(bean::poll);
		});
	}

	@Test
	void submissionIsRejectedWhenTheContextIsClosed() {
		this.contextRunner.run((context) -> {
			Jobs bean = context.getBean(Jobs.class);
			bean.call(() -> "before");
			context.close();
			assertThatExceptionOfType(JobRejectedException.class).isThrownBy(() -> bean.run(() -> {
			}));
		});
	}

	@Test
	void firstJobOfAllMayComeWhenTheContextIsClosed() {
		this.contextRunner.run((context) -> {
			Jobs bean = context.getBean(Jobs.class);
			context.close();
			assertThat(bean.call(() -> "after")).isEqualTo("after");
			assertThatExceptionOfType(JobRejectedException.class).isThrownBy(() -> bean.run(() -> {
			}));
		});
	}

	@Test
	void runningJobIsInterruptedBeforeTheDeadline() {
		this.cancelledSoon.run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			context.getBean(Jobs.class).run(gate::pass);
			gate.awaitArrivals(1);
			context.close();
			assertThat(gate.getInterrupts()).isOne();
			JobApplication.assertOutcomes(jobs, WorkState.CANCELLED);
			DrainReport report = application.report();
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			assertThat(report.duration()).isGreaterThanOrEqualTo(Duration.ofMillis(500));
		});
	}

	@Test
	void jobThatIsNotToBeInterruptedIsOnlyTold() {
		this.cancelledSoon.withBean(Uninterrupted.class).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			context.getBean(Uninterrupted.class).run(gate);
			assertToldWithoutInterrupt(context);
		});
	}

	@Test
	void noJobIsInterruptedIfInterruptsAreSwitchedOff() {
		this.cancelledSoon.withPropertyValues("graceful-shutdown.jobs.interrupt=false").run((context) -> {
			Gate gate = context.getBean(Gate.class);
			context.getBean(Jobs.class).run(() -> Uninterrupted.untilCancelled(gate));
			assertToldWithoutInterrupt(context);
		});
	}

	@Test
	void noTaskIsInterruptedIfInterruptsAreSwitchedOff() {
		this.abandonedSoon.withPropertyValues("graceful-shutdown.jobs.interrupt=false")
			.withBean(InterruptsOfTheDrain.class)
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				InterruptsOfTheDrain interrupts = context.getBean(InterruptsOfTheDrain.class);
				context.getBean(TaskExecutor.class).execute(gate::passStubbornly);
				gate.awaitArrivals(1);
				context.close();
				assertThat(interrupts.getNumber()).isZero();
				gate.open();
			});
	}

	private static void assertToldWithoutInterrupt(AssertableApplicationContext context) {
		JobWorkload jobs = JobApplication.jobs(context);
		Gate gate = context.getBean(Gate.class);
		JobApplication application = JobApplication.of(context);
		gate.awaitArrivals(1);
		context.close();
		JobApplication.assertOutcomes(jobs, WorkState.CANCELLED);
		assertThat(application.report().state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void jobThatIsInterruptedAndStillFinishesIsCompleted() {
		this.cancelledSoon.run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			context.getBean(Jobs.class).run(() -> {
				try {
					gate.pass();
				}
				catch (InterruptedException ex) {
					// The job finishes in spite of the interrupt
				}
			});
			gate.awaitArrivals(1);
			context.close();
			assertThat(gate.getInterrupts()).isOne();
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED);
		});
	}

	@Test
	void jobThatIsInterruptedAndSaysSoThroughItsFutureIsCancelled() {
		this.cancelledSoon.run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			context.getBean(Jobs.class).supply(() -> {
				try {
					gate.pass();
					return CompletableFuture.completedFuture("never");
				}
				catch (InterruptedException ex) {
					return CompletableFuture.failedFuture(ex);
				}
			});
			gate.awaitArrivals(1);
			context.close();
			JobApplication.assertOutcomes(jobs, WorkState.CANCELLED);
		});
	}

	@Test
	void jobThatIgnoresInterruptsIsAbandonedWithItsStack() {
		this.abandonedSoon.run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			context.getBean(Jobs.class).run(gate::passStubbornly);
			gate.awaitArrivals(1);
			context.close();
			DrainReport report = application.report();
			assertThat(report.state()).isEqualTo(DrainState.EXPIRED);
			assertThat(report.abandoned()).singleElement().satisfies((job) -> {
				assertThat(job.name()).isEqualTo("run");
				assertThat(job.state()).isEqualTo(WorkState.RUNNING);
				assertThat(job.thread()).isEqualTo("task-1");
				assertThat(job.stack()).extracting(StackTraceElement::getMethodName).contains("passStubbornly");
			});
			gate.open();
			JobApplication.assertOutcomes(jobs, WorkState.ABANDONED);
		});
	}

	@Test
	void queuedJobThatIsAbandonedNeverBegins() {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		this.abandonedSoon
			.withBean("taskExecutor", ExecutorService.class, () -> executor,
					(definition) -> definition.setDestroyMethodName(""))
			.run((context) -> {
				JobApplication application = JobApplication.of(context);
				JobWorkload jobs = JobApplication.jobs(context);
				Gate gate = context.getBean(Gate.class);
				context.getBean(Jobs.class).run(gate::passStubbornly);
				Future<String> queued = context.getBean(Jobs.class).submit(() -> {
					gate.passStubbornly();
					return CompletableFuture.completedFuture("begun");
				});
				gate.awaitArrivals(1);
				context.close();
				assertThat(application.report().abandoned()).extracting((job) -> job.state())
					.containsExactlyInAnyOrder(WorkState.RUNNING, WorkState.QUEUED);
				int arrivals = gate.getArrived();
				gate.open();
				executor.shutdown();
				assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
				assertThat(gate.getArrived() - arrivals).isZero();
				assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> queued.get(30, TimeUnit.SECONDS))
					.havingCause()
					.isInstanceOf(CancellationException.class)
					.withMessage("Background job 'submit' was given up before it began");
				JobApplication.assertOutcomes(jobs, WorkState.ABANDONED, WorkState.ABANDONED);
			});
	}

	@Test
	void abandonedJobWithoutAResultIsNoUncaughtException() {
		AsyncUncaughtExceptionHandler handler = mock(AsyncUncaughtExceptionHandler.class);
		ExecutorService executor = Executors.newSingleThreadExecutor();
		this.abandonedSoon.withBean(AsyncConfigurer.class, () -> new AsyncConfigurer() {

			@Override
			public Executor getAsyncExecutor() {
				return executor;
			}

			@Override
			public AsyncUncaughtExceptionHandler getAsyncUncaughtExceptionHandler() {
				return handler;
			}

		}).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			JobWorkload jobs = JobApplication.jobs(context);
			context.getBean(Jobs.class).run(gate::passStubbornly);
			context.getBean(Jobs.class).run(gate::pass);
			gate.awaitArrivals(1);
			context.close();
			gate.open();
			executor.shutdown();
			assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
			JobApplication.assertOutcomes(jobs, WorkState.ABANDONED, WorkState.ABANDONED);
			then(handler).shouldHaveNoInteractions();
		});
	}

	static class Uninterrupted {

		@Async
		@BackgroundJob(interrupt = false)
		void run(Gate gate) {
			untilCancelled(gate);
		}

		static void untilCancelled(Gate gate) {
			gate.open();
			gate.passStubbornly();
			JobContext job = JobContext.current();
			long end = System.nanoTime() + Gate.LIMIT.toNanos();
			while (!job.isCancelled() && System.nanoTime() < end) {
				LockSupport.parkNanos(1_000_000);
			}
			// An interrupt would follow at once
			LockSupport.parkNanos(50_000_000);
			if (Thread.interrupted()) {
				return; // completed, which is not the expected outcome
			}
			job.checkpoint();
		}

	}

	static class CancelledAtTheSignal {

		@BackgroundJob(onDrain = OnDrain.CANCEL)
		void poll() {
		}

	}

}
