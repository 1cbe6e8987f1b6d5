package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.scheduling.config.ScheduledTaskRegistrar;
import org.springframework.scheduling.support.PeriodicTrigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Schedules in standby and after it.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class ScheduleResumeTests {

	private static final Duration TICK = Duration.ofMillis(10);

	private static final Duration WHILE = Duration.ofMillis(500);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class,
				GracefulShutdownAutoConfiguration.class, ExecutorDrainAutoConfiguration.class))
		.withBean(Gate.class);

	static Stream<?> schedulers() {
		return Stream.of(Named.named("ThreadPoolTaskScheduler", kind(ThreadPoolTaskScheduler::new)),
				Named.named("SimpleAsyncTaskScheduler", kind(SimpleAsyncTaskScheduler::new)));
	}

	private static Supplier<TaskScheduler> kind(Supplier<TaskScheduler> scheduler) {
		return scheduler;
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void annotatedTicks(Supplier<TaskScheduler> kind) {
		assertThatAnnotatedTicksCanBeResumed(this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind));
	}

	@Test
	void annotatedTicksOnASchedulerThatIsNotDecorated() {
		assertThatAnnotatedTicksCanBeResumed(this.contextRunner.withBean("taskScheduler", TaskScheduler.class, () -> {
			ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
			scheduler.setRemoveOnCancelPolicy(true);
			return scheduler;
		}));
	}

	@Test
	void annotatedTicksOnASchedulerOfTheJdk() {
		assertThatAnnotatedTicksCanBeResumed(this.contextRunner.withBean(ScheduledExecutorService.class,
				Executors::newSingleThreadScheduledExecutor));
	}

	@Test
	void annotatedTicksOnASchedulerThatIsNotABean() {
		assertThatAnnotatedTicksCanBeResumed(this.contextRunner);
	}

	@Test
	void anInterceptorOfASchedulerSeesTasksAsTheyAre() {
		Set<Class<?>> seen = ConcurrentHashMap.newKeySet();
		this.contextRunner.withUserConfiguration(SchedulingConfiguration.class)
			.withBean(Ticks.class)
			.withBean("taskScheduler", TaskScheduler.class, () -> {
				ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
				scheduler.initialize();
				ProxyFactory factory = new ProxyFactory(scheduler);
				factory.addAdvice((MethodInterceptor) (invocation) -> {
					Stream.of(invocation.getArguments())
						.filter(Runnable.class::isInstance)
						.forEach((task) -> seen.add(task.getClass()));
					return invocation.proceed();
				});
				return (TaskScheduler) factory.getProxy();
			})
			.run((context) -> {
				await().until(context.getBean(Ticks.class)::haveAll);
				assertThat(seen).isNotEmpty().doesNotContain(Tick.class);
			});
	}

	private void assertThatAnnotatedTicksCanBeResumed(ApplicationContextRunner contextRunner) {
		contextRunner.withUserConfiguration(SchedulingConfiguration.class).withBean(Ticks.class).run((context) -> {
			Ticks ticks = context.getBean(Ticks.class);
			ScheduleWorkload workload = context.getBean(ScheduleWorkload.class);
			await().until(ticks::haveAll);
			assertThatNothingTicksUntilResumed(workload, ticks::sum);
			ticks.reset();
			await().until(ticks::haveAll);
		});
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void ticksByHandGoOnInStandby(Supplier<TaskScheduler> kind) {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind).run((context) -> {
			AtomicInteger rate = new AtomicInteger();
			AtomicInteger delay = new AtomicInteger();
			AtomicInteger trigger = new AtomicInteger();
			TaskScheduler scheduler = context.getBean(TaskScheduler.class);
			scheduler.scheduleAtFixedRate(rate::incrementAndGet, TICK);
			scheduler.scheduleWithFixedDelay(delay::incrementAndGet, TICK);
			scheduler.schedule(trigger::incrementAndGet, new PeriodicTrigger(TICK));
			await().until(() -> rate.get() > 1 && delay.get() > 1 && trigger.get() > 1);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			shutdown.standBy("test");
			rate.set(0);
			delay.set(0);
			trigger.set(0);
			await().until(() -> rate.get() > 2 && delay.get() > 2 && trigger.get() > 2);
			assertThat(shutdown.state()).isEqualTo(DrainState.LAME_DUCK);
			assertThat(shutdown.shutdown("test").toCompletableFuture().join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void aRunByHandThatBeganInStandbyIsFinishedByAShutdown(Supplier<TaskScheduler> kind) {
		for (boolean fixedRate : new boolean[] { true, false }) {
			this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind).run((context) -> {
				Gate gate = context.getBean(Gate.class);
				AtomicInteger finished = new AtomicInteger();
				Runnable tick = () -> {
					gate.passStubbornly();
					finished.incrementAndGet();
				};
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				shutdown.standBy("test");
				TaskScheduler scheduler = context.getBean(TaskScheduler.class);
				if (fixedRate) {
					scheduler.scheduleAtFixedRate(tick, Duration.ofHours(1));
				}
				else {
					scheduler.scheduleWithFixedDelay(tick, Duration.ofHours(1));
				}
				gate.awaitArrivals(1);
				CompletableFuture<DrainReport> report = shutdown.shutdown("test").toCompletableFuture();
				await().until(() -> shutdown.state() == DrainState.DRAINING);
				await().until(() -> shutdown.inFlight() == 1);
				gate.open();
				assertThat(report.thenApply((ended) -> finished.get()).join()).isEqualTo(1);
			});
		}
	}

	private static void assertThatNothingTicksUntilResumed(ScheduleWorkload workload, Supplier<Integer> ticks) {
		workload.stopAccepting();
		await().until(() -> workload.getInFlight() == 0);
		await().pollDelay(TICK).until(workload::isIdle);
		// A scheduler that is not tracked may have begun a tick just before
		await().pollDelay(WHILE).until(() -> true);
		int before = ticks.get();
		await().during(WHILE).until(() -> ticks.get() == before);
		workload.resumeAccepting();
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void annotatedTicksDoNotCatchUp(Supplier<TaskScheduler> kind) {
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind)
			.withUserConfiguration(SchedulingConfiguration.class)
			.withBean(Ticks.class)
			.run((context) -> {
				Ticks ticks = context.getBean(Ticks.class);
				ResumableWorkload workload = context.getBean(ScheduleWorkload.class);
				await().until(ticks::haveAll);
				workload.stopAccepting();
				await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
				ticks.reset();
				long resumed = System.nanoTime();
				workload.resumeAccepting();
				await().until(() -> ticks.fixedRate.get() > 2);
				await().pollDelay(Duration.ofMillis(200)).until(() -> true);
				int resumedTicks = ticks.fixedRate.get();
				Duration elapsed = Duration.ofNanos(System.nanoTime() - resumed);
				assertThat(resumedTicks).as("without the 400 that were skipped")
					.isLessThan((int) elapsed.dividedBy(TICK) + 300);
			});
	}

	@ParameterizedTest
	@MethodSource("schedulers")
	void aTaskForOnceRunsInStandby(Supplier<TaskScheduler> kind) {
		AtomicInteger runs = new AtomicInteger();
		this.contextRunner.withBean("taskScheduler", TaskScheduler.class, kind)
			.withUserConfiguration(SchedulingConfiguration.class)
			.withBean(SchedulingConfigurer.class,
					() -> (registrar) -> registrar.addOneTimeTask(runs::incrementAndGet, Duration.ofMillis(500)))
			.run((context) -> {
				context.getBean(ScheduleWorkload.class).stopAccepting();
				await().until(() -> runs.get() == 1);
			});
	}

	@Test
	void registrarThatIsABean() {
		AtomicInteger ticks = new AtomicInteger();
		ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
		scheduler.initialize();
		this.contextRunner.withBean(ScheduledTaskRegistrar.class, () -> registrar(ticks, scheduler)).run((context) -> {
			await().until(() -> ticks.get() > 1);
			assertThatNothingTicksUntilResumed(context.getBean(ScheduleWorkload.class), ticks::get);
			ticks.set(0);
			await().until(() -> ticks.get() > 1);
		});
		scheduler.shutdown();
	}

	@Test
	void registrarWithASchedulerOfItsOwnIsStoppedForGood() {
		AtomicInteger ticks = new AtomicInteger();
		this.contextRunner.withBean(ScheduledTaskRegistrar.class, () -> registrar(ticks, null)).run((context) -> {
			await().until(() -> ticks.get() > 1);
			assertThatNothingTicksUntilResumed(context.getBean(ScheduleWorkload.class), ticks::get);
		});
	}

	private static ScheduledTaskRegistrar registrar(AtomicInteger ticks, @Nullable TaskScheduler scheduler) {
		ScheduledTaskRegistrar registrar = new ScheduledTaskRegistrar();
		if (scheduler != null) {
			registrar.setTaskScheduler(scheduler);
		}
		registrar.addFixedRateTask(ticks::incrementAndGet, TICK);
		return registrar;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class SchedulingConfiguration {

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

		boolean haveAll() {
			return this.fixedRate.get() > 1 && this.fixedDelay.get() > 1 && this.cron.get() > 0;
		}

		int sum() {
			return this.fixedRate.get() + this.fixedDelay.get() + this.cron.get();
		}

		void reset() {
			this.fixedRate.set(0);
			this.fixedDelay.set(0);
			this.cron.set(0);
		}

	}

}
