package io.github.gracefulshutdown.quartz;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.autoconfigure.DrainMetricsAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.QuartzDrainAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import io.github.gracefulshutdown.job.GracePeriods;
import io.github.gracefulshutdown.metrics.DrainMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.quartz.InterruptableJob;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.TriggerBuilder;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.quartz.autoconfigure.QuartzAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of Quartz schedulers.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class QuartzDrainTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class,
				LifecycleAutoConfiguration.class, QuartzAutoConfiguration.class,
				GracefulShutdownAutoConfiguration.class, QuartzDrainAutoConfiguration.class))
		.withBean(Gate.class)
		.withBean(Counter.class);

	@Test
	void aJobThatRunsIsWaitedFor() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			start(context, StubbornJob.class);
			gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(report).isNotDone();
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isEqualTo(1);
			assertThat(context.getBean(QuartzWorkload.class).describe(10)).singleElement().satisfies((job) -> {
				assertThat(job.name()).isEqualTo("reports.StubbornJob");
				assertThat(job.state()).isEqualTo(WorkState.RUNNING);
				assertThat(job.age()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
			});
			gate.open();
			Counter counter = context.getBean(Counter.class);
			assertThat(report.thenApply((ended) -> counter.ended.get()).join()).isEqualTo(1);
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(gate.getInterrupts()).isZero();
		});
	}

	@Test
	void withoutTheStarterAJobIsNotWaitedFor() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false").run((context) -> {
			Gate gate = context.getBean(Gate.class);
			Counter counter = context.getBean(Counter.class);
			start(context, StubbornJob.class);
			gate.awaitArrivals(1);
			context.close();
			assertThat(counter.ended).hasValue(0);
			gate.open();
			await().untilAtomic(counter.ended, (ended) -> assertThat(ended).isEqualTo(1));
		});
	}

	@Test
	void noTriggerFiresAfterTheSignal() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			Counter counter = context.getBean(Counter.class);
			context.getBean(Scheduler.class)
				.scheduleJob(JobBuilder.newJob(ShortJob.class).build(), TriggerBuilder.newTrigger()
					.withSchedule(
							SimpleScheduleBuilder.simpleSchedule().withIntervalInMilliseconds(200).repeatForever())
					.build());
			start(context, StubbornJob.class);
			gate.awaitArrivals(1);
			await().until(() -> counter.ended.get() > 1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			int[] last = { -1 };
			await().atMost(Duration.ofSeconds(20)).during(Duration.ofMillis(1000)).until(() -> {
				int before = last[0];
				last[0] = counter.begun.get();
				return before == last[0];
			});
			gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@Test
	void triggersFireAgainAfterStandby() {
		this.contextRunner.run((context) -> {
			Counter counter = context.getBean(Counter.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			Scheduler scheduler = context.getBean(Scheduler.class);
			scheduler.scheduleJob(JobBuilder.newJob(ShortJob.class).build(),
					TriggerBuilder.newTrigger()
						.withSchedule(
								SimpleScheduleBuilder.simpleSchedule().withIntervalInMilliseconds(50).repeatForever())
						.build());
			await().until(() -> counter.ended.get() > 1);
			shutdown.standBy("test");
			assertThat(scheduler.isInStandbyMode()).isTrue();
			shutdown.resume();
			int before = counter.ended.get();
			await().until(() -> counter.ended.get() > before + 1);
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@Test
	void aSchedulerThatWasOnStandbyStaysSo() {
		this.contextRunner.run((context) -> {
			Scheduler scheduler = context.getBean(Scheduler.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			scheduler.standby();
			shutdown.standBy("test");
			shutdown.resume();
			assertThat(scheduler.isInStandbyMode()).isTrue();
		});
	}

	@RepeatedTest(15)
	void aJobThatIsFiredAtTheSignalIsWaitedFor() {
		this.contextRunner.run((context) -> {
			Counter counter = context.getBean(Counter.class);
			for (int i = 0; i < 5; i++) {
				start(context, ShortJob.class, "job" + i);
			}
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(counter.unfinished).hasValue(0);
			int begun = counter.begun.get();
			context.close();
			assertThat(counter.begun).hasValue(begun);
		});
	}

	@Test
	void aJobThatCanBeInterruptedIsInterruptedShortlyBeforeTheDeadline() {
		this.contextRunner.withPropertyValues(GracePeriods.cancelledAndLaterAbandoned()).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			start(context, InterruptedJob.class);
			start(context, FailingInterruptJob.class);
			gate.awaitArrivals(2);
			DrainReport report = shutdown(context).join();
			assertThat(gate.getInterrupts()).isEqualTo(1);
			assertThat(report.abandoned()).singleElement()
				.satisfies((job) -> assertThat(job.name()).isEqualTo("reports.FailingInterruptJob"));
			gate.open();
		});
	}

	@Test
	void aJobThatDoesNotEndIsNamed() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon()).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			start(context, StubbornJob.class);
			gate.awaitArrivals(1);
			DrainReport report = shutdown(context).join();
			assertThat(report.state()).isEqualTo(DrainState.EXPIRED);
			assertThat(report.abandoned()).singleElement()
				.satisfies((job) -> assertThat(job.name()).isEqualTo("reports.StubbornJob"));
			gate.open();
		});
	}

	@Test
	void anExcludedSchedulerIsLeftAlone() {
		this.contextRunner.withPropertyValues("graceful-shutdown.jobs.exclude=quartzScheduler").run((context) -> {
			Gate gate = context.getBean(Gate.class);
			start(context, StubbornJob.class);
			gate.awaitArrivals(1);
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isZero();
			gate.open();
		});
	}

	@Test
	void anIdleSchedulerIsHardlyWaitedFor() {
		this.contextRunner
			.run((context) -> assertThat(shutdown(context).join().duration()).isLessThan(Duration.ofSeconds(5)));
	}

	@Test
	void aLazySchedulerIsNotCreatedByTheDrain() {
		AtomicInteger created = new AtomicInteger();
		this.contextRunner.withBean("lazy", Scheduler.class, () -> {
			created.incrementAndGet();
			throw new IllegalStateException("Nobody has asked for this scheduler");
		}, (BeanDefinition definition) -> definition.setLazyInit(true)).run((context) -> {
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(created).hasValue(0);
		});
	}

	@Test
	void jobsAreMeasured() {
		this.contextRunner.withConfiguration(AutoConfigurations.of(DrainMetricsAutoConfiguration.class))
			.withBean(SimpleMeterRegistry.class)
			.run((context) -> {
				SimpleMeterRegistry registry = context.getBean(SimpleMeterRegistry.class);
				context.getBean(DrainMetrics.class).bindTo(registry);
				Gate gate = context.getBean(Gate.class);
				start(context, StubbornJob.class);
				gate.awaitArrivals(1);
				assertThat(registry.get("graceful.shutdown.inflight").tag("workload", "quartz").gauge().value())
					.isEqualTo(1);
				gate.open();
			});
	}

	private static void start(AssertableApplicationContext context, Class<? extends Job> type)
			throws SchedulerException {
		start(context, type, type.getSimpleName());
	}

	private static void start(AssertableApplicationContext context, Class<? extends Job> type, String name)
			throws SchedulerException {
		context.getBean(Scheduler.class)
			.scheduleJob(JobBuilder.newJob(type).withIdentity(name, "reports").build(),
					TriggerBuilder.newTrigger().startNow().build());
	}

	private static void awaitDraining(AssertableApplicationContext context) {
		await().until(() -> context.getBean(GracefulShutdown.class).state() == DrainState.DRAINING);
	}

	private static CompletableFuture<DrainReport> shutdown(AssertableApplicationContext context) {
		return context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture();
	}

	static class Counter {

		private final AtomicInteger begun = new AtomicInteger();

		private final AtomicInteger ended = new AtomicInteger();

		private final AtomicInteger unfinished = new AtomicInteger(-1);

		@EventListener(DrainCompletedEvent.class)
		void note() {
			this.unfinished.set(this.begun.get() - this.ended.get());
		}

	}

	static class StubbornJob implements Job {

		private final Gate gate;

		private final Counter counter;

		StubbornJob(Gate gate, Counter counter) {
			this.gate = gate;
			this.counter = counter;
		}

		@Override
		public void execute(JobExecutionContext context) {
			this.gate.passStubbornly();
			this.counter.ended.incrementAndGet();
		}

	}

	static class ShortJob implements Job {

		private final Counter counter;

		ShortJob(Counter counter) {
			this.counter = counter;
		}

		@Override
		public void execute(JobExecutionContext context) {
			this.counter.begun.incrementAndGet();
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
			this.counter.ended.incrementAndGet();
		}

	}

	static class InterruptedJob implements InterruptableJob {

		private final Gate gate;

		private final CompletableFuture<Thread> thread = new CompletableFuture<>();

		InterruptedJob(Gate gate) {
			this.gate = gate;
		}

		@Override
		public void execute(JobExecutionContext context) {
			this.thread.complete(Thread.currentThread());
			try {
				this.gate.pass();
			}
			catch (InterruptedException ex) {
				// Ends
			}
		}

		@Override
		public void interrupt() {
			this.thread.join().interrupt();
		}

	}

	static class FailingInterruptJob implements InterruptableJob {

		private final Gate gate;

		FailingInterruptJob(Gate gate) {
			this.gate = gate;
		}

		@Override
		public void execute(JobExecutionContext context) {
			this.gate.passStubbornly();
		}

		@Override
		public void interrupt() {
			throw new IllegalStateException("expected");
		}

	}

}
