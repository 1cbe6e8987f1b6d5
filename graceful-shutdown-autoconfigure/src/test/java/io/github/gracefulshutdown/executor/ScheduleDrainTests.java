package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import io.github.gracefulshutdown.job.GracePeriods;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.scheduling.support.PeriodicTrigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

/**
 * The drain of schedules.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class ScheduleDrainTests {

	private static final Duration TICK = Duration.ofMillis(10);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
						GracefulShutdownAutoConfiguration.class, ExecutorDrainAutoConfiguration.class))
		.withBean(Gate.class);

	static Stream<?> schedulers() {
		return Stream.of(Named.named("ThreadPoolTaskScheduler", kind(ScheduleDrainTests::pool)),
				Named.named("SimpleAsyncTaskScheduler", kind(SimpleAsyncTaskScheduler::new)));
	}

	private static ThreadPoolTaskScheduler pool() {
		ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
		scheduler.setPoolSize(10);
		return scheduler;
	}

	private static Supplier<TaskScheduler> kind(Supplier<TaskScheduler> scheduler) {
		return scheduler;
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void annotatedTicksDoNotBeginAfterTheSignal(Supplier<TaskScheduler> kind) {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind)
			.withUserConfiguration(SchedulingConfiguration.class)
			.withBean(Ticks.class)
			.run((context) -> {
				Ticks ticks = context.getBean(Ticks.class);
				await().until(() -> ticks.fixedRate.get() > 1 && ticks.fixedDelay.get() > 1 && ticks.cron.get() > 0);
				assertThatNothingTicks(context, context.getBean(TaskScheduler.class),
						() -> ticks.fixedRate.get() + ticks.fixedDelay.get() + ticks.cron.get());
			});
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void ticksByHandGoOnUntilTheDrainHasEnded(Supplier<TaskScheduler> kind) {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind).run((context) -> {
			AtomicInteger rate = new AtomicInteger();
			AtomicInteger delay = new AtomicInteger();
			AtomicInteger trigger = new AtomicInteger();
			TaskScheduler scheduler = context.getBean(TaskScheduler.class);
			scheduler.scheduleAtFixedRate(rate::incrementAndGet, TICK);
			scheduler.scheduleWithFixedDelay(delay::incrementAndGet, TICK);
			scheduler.schedule(trigger::incrementAndGet, new PeriodicTrigger(TICK));
			Gate gate = context.getBean(Gate.class);
			scheduler.schedule(gate::passStubbornly, Instant.now());
			gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			rate.set(0);
			delay.set(0);
			trigger.set(0);
			await().until(() -> rate.get() > 2 && delay.get() > 2 && trigger.get() > 2);
			assertThat(report).isNotDone();
			gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void aLeaseIsRenewedAsLongAsAJobNeedsIt(Supplier<TaskScheduler> kind) {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind)
			.withBean(ThreadPoolTaskExecutor.class)
			.run((context) -> {
				AtomicInteger renewals = new AtomicInteger();
				AtomicInteger finished = new AtomicInteger();
				CompletableFuture<Integer> atSignal = new CompletableFuture<>();
				context.getBean(TaskScheduler.class).scheduleAtFixedRate(renewals::incrementAndGet, TICK);
				context.getBean(ThreadPoolTaskExecutor.class).execute(() -> {
					int needed = atSignal.join() + 5;
					await().until(() -> renewals.get() >= needed);
					finished.incrementAndGet();
				});
				CompletableFuture<DrainReport> report = shutdown(context);
				awaitDraining(context);
				atSignal.complete(renewals.get());
				assertThat(report.thenApply((ended) -> finished.get()).join()).isEqualTo(1);
				assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			});
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void aHeartbeatGoesOnDuringTheDelay(Supplier<TaskScheduler> kind) {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind)
			.withBean(Server.class)
			.withPropertyValues("graceful-shutdown.delay=3s")
			.run((context) -> {
				AtomicInteger beats = new AtomicInteger();
				GracefulShutdown graceful = context.getBean(GracefulShutdown.class);
				context.getBean(TaskScheduler.class).scheduleAtFixedRate(beats::incrementAndGet, TICK);
				CompletableFuture<DrainReport> report = shutdown(context);
				await().until(() -> graceful.state() == DrainState.LAME_DUCK);
				int before = beats.get();
				await().until(() -> beats.get() > before + 5);
				assertThat(graceful.state()).isEqualTo(DrainState.LAME_DUCK);
				assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			});
	}

	// The drain is held open by a task that is not a tick, until long after the next
	private void assertThatNothingTicks(AssertableApplicationContext context, TaskScheduler scheduler,
			Supplier<Integer> ticks) throws Exception {
		Gate gate = context.getBean(Gate.class);
		scheduler.schedule(gate::passStubbornly, Instant.now());
		gate.awaitArrivals(1);
		CompletableFuture<DrainReport> report = shutdown(context);
		awaitDraining(context);
		await().atMost(Duration.ofSeconds(20)).during(Duration.ofMillis(1500)).until(new Unchanged(ticks)::get);
		gate.open();
		assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void aTickThatRunsIsWaitedFor(Supplier<TaskScheduler> kind) {
		for (boolean fixedRate : new boolean[] { true, false }) {
			this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind).run((context) -> {
				Gate gate = context.getBean(Gate.class);
				AtomicInteger finished = new AtomicInteger();
				Runnable tick = () -> {
					gate.passStubbornly();
					finished.incrementAndGet();
				};
				TaskScheduler scheduler = context.getBean(TaskScheduler.class);
				if (fixedRate) {
					scheduler.scheduleAtFixedRate(tick, Duration.ofHours(1));
				}
				else {
					scheduler.scheduleWithFixedDelay(tick, Duration.ofHours(1));
				}
				gate.awaitArrivals(1);
				CompletableFuture<DrainReport> report = shutdown(context);
				awaitDraining(context);
				assertThat(context.getBean(GracefulShutdown.class).inFlight()).isEqualTo(1);
				assertThat(report).isNotDone();
				gate.open();
				assertThat(report.thenApply((ended) -> finished.get()).join()).isEqualTo(1);
				assertThat(report.join().workloads()).anySatisfy((workload) -> assertThat(workload.outcomes())
					.containsExactlyEntriesOf(Map.of(WorkState.COMPLETED, 1L)));
				assertThat(gate.getInterrupts()).isZero();
			});
		}
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void anAnnotatedTickThatRunsIsCompleted(Supplier<TaskScheduler> kind) {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind)
			.withUserConfiguration(SchedulingConfiguration.class)
			.withBean(GatedTick.class)
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				gate.awaitArrivals(1);
				CompletableFuture<DrainReport> report = shutdown(context);
				awaitDraining(context);
				gate.open();
				assertThat(report.join().workloads()).anySatisfy((workload) -> assertThat(workload.outcomes())
					.containsExactlyEntriesOf(Map.of(WorkState.COMPLETED, 1L)));
			});
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void aTickThatDoesNotEndIsNamed(Supplier<TaskScheduler> kind) {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind)
			.withPropertyValues(GracePeriods.abandonedSoon())
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				context.getBean(TaskScheduler.class).scheduleWithFixedDelay(gate::passStubbornly, TICK);
				gate.awaitArrivals(1);
				assertThat(shutdown(context).join().abandoned()).singleElement()
					.satisfies((tick) -> assertThat(tick.name()).isEqualTo("taskScheduler"));
				gate.open();
			});
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void aTaskForLaterIsNotWaitedFor(Supplier<TaskScheduler> kind) {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind).run((context) -> {
			context.getBean(TaskScheduler.class).schedule(() -> {
			}, Instant.now().plusSeconds(3600));
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@Test
	void tasksForLaterAreNamedAtTheEndOfTheDrain(CapturedOutput output) {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, ScheduleDrainTests::pool)
			.withBean("jdkScheduler", ScheduledExecutorService.class, () -> Executors.newScheduledThreadPool(1))
			.withUserConfiguration(SchedulingConfiguration.class)
			.withBean(SchedulingConfigurer.class, () -> (registrar) -> registrar.addOneTimeTask(() -> {
			}, Duration.ofHours(1)))
			.run((context) -> {
				TaskScheduler scheduler = context.getBean(TaskScheduler.class);
				Instant later = Instant.now().plusSeconds(3600);
				scheduler.schedule(() -> {
				}, later);
				scheduler.schedule(() -> {
				}, later);
				scheduler.schedule(() -> {
				}, later).cancel(false);
				scheduler.schedule(() -> {
				}, Instant.now());
				scheduler.schedule(() -> {
				}, new PeriodicTrigger(Duration.ofHours(1)));
				scheduler.scheduleAtFixedRate(() -> {
				}, later, Duration.ofHours(1));
				context.getBean(ScheduledExecutorService.class).schedule(() -> {
				}, 1, TimeUnit.HOURS);
				shutdown(context).join();
				assertThat(output).containsOnlyOnce("2 tasks of 'taskScheduler' due later will not run")
					.containsOnlyOnce("1 task of 'jdkScheduler' due later will not run");
			});
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void aJobThatContinuesByTheSchedulerIsFinished(Supplier<TaskScheduler> kind) {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind)
			.withBean(ThreadPoolTaskExecutor.class)
			.run((context) -> {
				TaskScheduler scheduler = context.getBean(TaskScheduler.class);
				Gate gate = context.getBean(Gate.class);
				AtomicInteger finished = new AtomicInteger();
				context.getBean(ThreadPoolTaskExecutor.class).execute(() -> {
					gate.passStubbornly();
					CompletableFuture<Boolean> retried = new CompletableFuture<>();
					scheduler.schedule(() -> retried.complete(true), Instant.now().plusMillis(200));
					retried.join();
					finished.incrementAndGet();
				});
				gate.awaitArrivals(1);
				CompletableFuture<DrainReport> report = shutdown(context);
				awaitDraining(context);
				gate.open();
				assertThat(report.thenApply((ended) -> finished.get()).join()).isOne();
				assertThat(report.join().duration()).isLessThan(Duration.ofSeconds(10));
			});
	}

	@Test
	void aTaskForOnceThatATickHasScheduledIsRunIfItIsDueInTime() {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, ScheduleDrainTests::pool).run((context) -> {
			AtomicInteger runs = new AtomicInteger();
			TaskScheduler scheduler = context.getBean(TaskScheduler.class);
			scheduler.schedule(
					() -> scheduler.schedule(runs::incrementAndGet, Instant.now().plus(Duration.ofMillis(500))),
					new PeriodicTrigger(Duration.ofHours(1)));
			Gate gate = context.getBean(Gate.class);
			scheduler.schedule(gate::passStubbornly, Instant.now());
			gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			await().untilAtomic(runs, is(1));
			gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void aTaskForOnceOfARegistrarDoesNotBeginAfterTheSignal(Supplier<TaskScheduler> kind) {
		AtomicInteger runs = new AtomicInteger();
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind)
			.withUserConfiguration(SchedulingConfiguration.class)
			.withBean(SchedulingConfigurer.class,
					() -> (registrar) -> registrar.addOneTimeTask(runs::incrementAndGet, Duration.ofSeconds(2)))
			.run((context) -> {
				TaskScheduler scheduler = context.getBean(TaskScheduler.class);
				AtomicInteger others = new AtomicInteger();
				Gate gate = context.getBean(Gate.class);
				scheduler.schedule(others::incrementAndGet, Instant.now().plusSeconds(3));
				scheduler.schedule(gate::passStubbornly, Instant.now());
				gate.awaitArrivals(1);
				CompletableFuture<DrainReport> report = shutdown(context);
				awaitDraining(context);
				await().untilAtomic(others, is(1));
				assertThat(runs).hasValue(0);
				gate.open();
				report.join();
			});
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void schedulesThatAlwaysHaveARunInProgressDoNotHoldTheDrain(Supplier<TaskScheduler> kind) {
		PeriodicTrigger delay = new PeriodicTrigger(Duration.ofMillis(1));
		PeriodicTrigger rate = new PeriodicTrigger(Duration.ofMillis(1));
		rate.setFixedRate(true);
		List<BiConsumer<TaskScheduler, Runnable>> schedules = List.of(
				(scheduler, tick) -> scheduler.scheduleAtFixedRate(tick, TICK),
				(scheduler, tick) -> scheduler.scheduleWithFixedDelay(tick, Duration.ofNanos(1)),
				(scheduler, tick) -> scheduler.schedule(tick, delay),
				(scheduler, tick) -> scheduler.schedule(tick, rate));
		for (BiConsumer<TaskScheduler, Runnable> schedule : schedules) {
			this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind).run((context) -> {
				AtomicInteger ticks = new AtomicInteger();
				schedule.accept(context.getBean(TaskScheduler.class), () -> {
					ticks.incrementAndGet();
					LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
				});
				await().until(() -> ticks.get() > 1);
				DrainReport report = shutdown(context).join();
				assertThat(report.state()).isEqualTo(DrainState.DRAINED);
				assertThat(report.duration()).isLessThan(Duration.ofSeconds(5));
			});
		}
	}

	@Test
	void cancelledTasksAreStillRemovedIfThatIsConfigured() {
		this.contextRunner.withBean("taskScheduler", ThreadPoolTaskScheduler.class, () -> {
			ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
			scheduler.setRemoveOnCancelPolicy(true);
			return scheduler;
		}).run((context) -> {
			ThreadPoolTaskScheduler scheduler = context.getBean(ThreadPoolTaskScheduler.class);
			scheduler.schedule(() -> {
			}, Instant.now().plusSeconds(3600)).cancel(false);
			assertThat(scheduler.getScheduledThreadPoolExecutor().getQueue()).isEmpty();
		});
	}

	@Test
	void theDecoratorOfTheApplicationIsKept() {
		AtomicInteger decorated = new AtomicInteger();
		this.contextRunner.withBean("taskScheduler", ThreadPoolTaskScheduler.class, () -> {
			ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
			scheduler.setTaskDecorator((task) -> () -> {
				decorated.incrementAndGet();
				task.run();
			});
			return scheduler;
		}).run((context) -> {
			context.getBean(ThreadPoolTaskScheduler.class).submit(() -> {
			}).get();
			assertThat(decorated).hasValue(1);
		});
	}

	@Test
	void schedulesCanBeLeftAlone() {
		this.contextRunner.withPropertyValues("graceful-shutdown.jobs.track-scheduled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ScheduleWorkload.class));
	}

	@Test
	void anExcludedSchedulerIsLeftAlone() {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, ThreadPoolTaskScheduler::new)
			.withPropertyValues("graceful-shutdown.jobs.exclude=taskScheduler")
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				context.getBean(TaskScheduler.class).scheduleAtFixedRate(gate::passStubbornly, TICK);
				gate.awaitArrivals(1);
				assertThat(context.getBean(GracefulShutdown.class).inFlight()).isZero();
				gate.open();
			});
	}

	private static void awaitDraining(AssertableApplicationContext context) {
		await().until(() -> context.getBean(GracefulShutdown.class).state() == DrainState.DRAINING);
	}

	private static CompletableFuture<DrainReport> shutdown(AssertableApplicationContext context) {
		return context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture();
	}

	/**
	 * Whether a number has not changed since the last look.
	 */
	private static final class Unchanged {

		private final Supplier<Integer> number;

		private int last;

		Unchanged(Supplier<Integer> number) {
			this.number = number;
		}

		boolean get() {
			int before = this.last;
			this.last = this.number.get();
			return this.last == before;
		}

	}

	/**
	 * Has clients, so that the delay is observed.
	 */
	static class Server implements ServingWorkload {

		@Override
		public String getName() {
			return "server";
		}

		@Override
		public long getInFlight() {
			return 0;
		}

		@Override
		public boolean enterLameDuck() {
			return true;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class SchedulingConfiguration {

	}

	static class GatedTick {

		private final Gate gate;

		GatedTick(Gate gate) {
			this.gate = gate;
		}

		@Scheduled(fixedDelay = 3600_000)
		void tick() {
			this.gate.passStubbornly();
		}

	}

	static class Ticks {

		private final AtomicInteger fixedRate = new AtomicInteger();

		private final AtomicInteger fixedDelay = new AtomicInteger();

		private final AtomicInteger cron = new AtomicInteger();

		@Scheduled(fixedRate = 10)
		void fixedRate() {
			this.fixedRate.incrementAndGet();
		}

		@Scheduled(fixedDelay = 10)
		void fixedDelay() {
			this.fixedDelay.incrementAndGet();
		}

		@Scheduled(cron = "* * * * * *")
		void cron() {
			this.cron.incrementAndGet();
		}

	}

}
