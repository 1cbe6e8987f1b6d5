package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.executor.ExecutorDrainTests.Wrapper;
import io.github.gracefulshutdown.job.Gate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.core.task.support.TaskExecutorAdapter;
import org.springframework.scheduling.Trigger;
import org.springframework.scheduling.concurrent.ConcurrentTaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.scheduling.support.PeriodicTrigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Executor beans of classes that the starter does not know, that wrap each other, or that
 * were created early.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class UnknownExecutorTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
						GracefulShutdownAutoConfiguration.class, ExecutorDrainAutoConfiguration.class))
		.withBean(Gate.class);

	@Test
	void anExecutorThatIsDeclaredByItsClassKeepsItsClass() {
		this.contextRunner.withUserConfiguration(DeclaredByClass.class).run((context) -> {
			assertThat(context.getBean(TaskExecutorAdapter.class)).isExactlyInstanceOf(TaskExecutorAdapter.class);
			assertThat(context.getBean(Wrapper.class)).isExactlyInstanceOf(Wrapper.class);
			for (String name : List.of("adapter", "wrapper", "wrappedWrapper")) {
				assertThatATaskIsInFlight(context, name, 1);
			}
		});
	}

	@Test
	void anExecutorAroundATrackedOneDoesNotCountItsTasksTwice() {
		this.contextRunner.withUserConfiguration(AroundATrackedOne.class).run((context) -> {
			assertThat(context.getBean("same")).isSameAs(context.getBean("pool"));
			for (String name : List.of("pool", "same", "around", "aroundByClass")) {
				assertThatATaskIsInFlight(context, name, 1);
			}
		});
	}

	@Test
	void aPoolThatIsTwoBeansIsCountedOnce() {
		ThreadPoolExecutor pool = new ThreadPoolExecutor(4, 4, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
		this.contextRunner.withBean("one", Executor.class, () -> pool)
			.withBean("two", Executor.class, () -> pool)
			.run((context) -> assertThatATaskIsInFlight(context, "one", 1));
	}

	@Test
	void anExecutorThatWasCreatedEarlyIsTracked() {
		this.contextRunner.withUserConfiguration(Early.class)
			.run((context) -> assertThatATaskIsInFlight(context, "early", 1));
	}

	@Test
	void anEventThatIsHandledByTheExecutorOfTheMulticasterIsWaitedFor() {
		for (Executor executor : List.of(Executors.newCachedThreadPool(), new Wrapper(Executors.newCachedThreadPool()),
				new SimpleAsyncTaskExecutor())) {
			this.contextRunner.withBean("applicationEventMulticaster", SimpleApplicationEventMulticaster.class, () -> {
				SimpleApplicationEventMulticaster multicaster = new SimpleApplicationEventMulticaster();
				multicaster.setTaskExecutor(executor);
				return multicaster;
			}).withBean(Listener.class).run((context) -> {
				Gate gate = context.getBean(Gate.class);
				context.publishEvent("event");
				gate.awaitArrivals(1);
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				var report = shutdown.shutdown("test").toCompletableFuture();
				await().until(() -> shutdown.state() == DrainState.DRAINING);
				gate.open();
				Listener listener = context.getBean(Listener.class);
				assertThat(report.thenApply((ended) -> listener.handled.get()).join()).isOne();
			});
		}
	}

	@Test
	void anExecutorThatCannotBeSeenIsNamedAtStartUp(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(Unseen.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output)
				.containsOnlyOnce("Not waited for: tasks of 'unseen' (" + UnseenExecutor.class.getName() + ")");
			assertThat(output).containsOnlyOnce(
					"Not waited for: tasks of 'scheduler' (" + ScheduledThreadPoolExecutor.class.getName());
		});
	}

	@Test
	void anExecutorThatCannotBeSeenIsNotNamedIfItIsExcluded(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(Unseen.class)
			.withPropertyValues("graceful-shutdown.jobs.exclude=unseen,scheduler")
			.run((context) -> assertThat(output).doesNotContain("Not waited for"));
	}

	@Test
	void allTasksOfAnExecutorServiceAreCounted() {
		this.contextRunner.withBean("executor", ExecutorService.class, () -> Executors.newSingleThreadExecutor())
			.run((context) -> {
				ExecutorService executor = context.getBean(ExecutorService.class);
				Callable<String> task = () -> "done";
				assertThat(executor.submit(task).get()).isEqualTo("done");
				assertThat(executor.submit(() -> {
				}, "result").get()).isEqualTo("result");
				assertThat(executor.invokeAny(List.of(task))).isEqualTo("done");
				for (Future<String> future : executor.invokeAll(List.of(task, task))) {
					assertThat(future.get()).isEqualTo("done");
				}
				TaskWorkload tasks = context.getBean(TaskWorkload.class);
				await().until(() -> tasks.getCount(WorkState.COMPLETED) == 5);
				assertThat(tasks.getInFlight()).isZero();
				executor.shutdown();
				assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> executor.submit(task));
				assertThat(tasks.getInFlight()).isZero();
				assertThat(tasks.getCount(WorkState.REJECTED)).isOne();
				assertThat(executor).isEqualTo(executor).hasSameHashCodeAs(executor);
			});
	}

	@Test
	void aTickOfAJdkSchedulerThatRunsIsWaitedForAndOneForLaterIsNot() {
		this.contextRunner
			.withBean("scheduler", ScheduledExecutorService.class, () -> Executors.newScheduledThreadPool(2))
			.run((context) -> {
				ScheduledExecutorService scheduler = context.getBean(ScheduledExecutorService.class);
				Gate gate = context.getBean(Gate.class);
				AtomicInteger ticks = new AtomicInteger();
				scheduler.scheduleAtFixedRate(ticks::incrementAndGet, 0, 1, TimeUnit.MILLISECONDS);
				scheduler.schedule(() -> "later", 1, TimeUnit.HOURS);
				AtomicInteger finished = new AtomicInteger();
				scheduler.schedule(() -> {
					gate.passStubbornly();
					finished.incrementAndGet();
				}, 1, TimeUnit.MILLISECONDS);
				gate.awaitArrivals(1);
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				var report = shutdown.shutdown("test").toCompletableFuture();
				await().until(() -> shutdown.state() == DrainState.DRAINING);
				int before = ticks.get();
				await().until(() -> ticks.get() > before);
				gate.open();
				assertThat(report.thenApply((ended) -> finished.get()).join()).isOne();
				assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			});
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void anExecutorOfVirtualThreadsKeepsItsClassAndItsTasksAreWaitedForUnlikeInPlainBoot() {
		ApplicationContextRunner runner = this.contextRunner.withUserConfiguration(VirtualThreads.class);
		assertThat(isWaitedFor(runner, (context, task) -> {
			VirtualThreadTaskExecutor executor = context.getBean("virtual", VirtualThreadTaskExecutor.class);
			assertThat(executor.submit(() -> Thread.currentThread().getName()).get()).isEqualTo("worker-0");
			executor.execute(task);
		})).isTrue();
		assertThat(isWaitedFor(runner.withPropertyValues("graceful-shutdown.enabled=false"),
				(context, task) -> context.getBean("virtual", VirtualThreadTaskExecutor.class).execute(task)))
			.isFalse();
	}

	@Test
	void tasksOfAConcurrentTaskSchedulerAreWaitedForUnlikeInPlainBoot() {
		List<BiConsumer<ConcurrentTaskScheduler, Runnable>> ways = List.of(ConcurrentTaskScheduler::execute,
				(scheduler, task) -> scheduler.schedule(task, Instant.now()),
				(scheduler, task) -> scheduler.scheduleWithFixedDelay(task, Duration.ofHours(1)));
		for (BiConsumer<ConcurrentTaskScheduler, Runnable> way : ways) {
			ApplicationContextRunner runner = this.contextRunner.withUserConfiguration(Concurrent.class);
			Submission submission = (context, task) -> way.accept(context.getBean(ConcurrentTaskScheduler.class), task);
			assertThat(isWaitedFor(runner, submission)).isTrue();
			assertThat(isWaitedFor(runner.withPropertyValues("graceful-shutdown.enabled=false"), submission)).isFalse();
		}
	}

	@Test
	void theNextRunOfATriggerIsNotCountedAsATaskDueLater(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(Concurrent.class)
			.withBean("jdk", ScheduledExecutorService.class, () -> Executors.newSingleThreadScheduledExecutor())
			.run((context) -> {
				Trigger trigger = new PeriodicTrigger(Duration.ofHours(1));
				context.getBean(ConcurrentTaskScheduler.class).schedule(() -> {
				}, trigger);
				ConcurrentTaskScheduler around = new ConcurrentTaskScheduler(
						context.getBean("jdk", ScheduledExecutorService.class));
				around.schedule(() -> {
				}, trigger);
				around.schedule(() -> {
				}, Instant.now().plusSeconds(3600));
				context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture().join();
			});
		assertThat(output).contains("1 task of 'jdk' due later will not run")
			.doesNotContain("task of 'concurrent' due later");
	}

	/**
	 * Return whether a task that runs when the context is closed has ended when the
	 * context is closed.
	 */
	private boolean isWaitedFor(ApplicationContextRunner runner, Submission submission) {
		AtomicBoolean waitedFor = new AtomicBoolean();
		runner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			CountDownLatch closed = new CountDownLatch(1);
			CompletableFuture<Boolean> endedBefore = new CompletableFuture<>();
			submission.submit(context, () -> {
				gate.passStubbornly();
				endedBefore.complete(closed.getCount() > 0);
			});
			gate.awaitArrivals(1);
			Thread closing = new Thread(() -> {
				context.getSourceApplicationContext().close();
				closed.countDown();
			});
			GracefulShutdown shutdown = context.getBeanProvider(GracefulShutdown.class).getIfAvailable();
			closing.start();
			await().until(() -> !closing.isAlive()
					|| (shutdown != null && shutdown.state() == DrainState.DRAINING && shutdown.inFlight() > 0));
			gate.open();
			closing.join();
			waitedFor.set(endedBefore.join());
		});
		return waitedFor.get();
	}

	private static void assertThatATaskIsInFlight(AssertableApplicationContext context, String name, long expected) {
		Gate gate = new Gate();
		context.getBean(name, Executor.class).execute(gate::passStubbornly);
		gate.awaitArrivals(1);
		assertThat(inFlight(context)).as(name).isEqualTo(expected);
		gate.open();
		await().until(() -> inFlight(context) == 0);
	}

	private static long inFlight(AssertableApplicationContext context) {
		return context.getBeansOfType(Workload.class).values().stream().mapToLong(Workload::getInFlight).sum();
	}

	@Configuration(proxyBeanMethods = false)
	static class DeclaredByClass {

		@Bean
		TaskExecutorAdapter adapter() {
			return new TaskExecutorAdapter(Executors.newSingleThreadExecutor());
		}

		@Bean
		Wrapper wrapper() {
			return new Wrapper(Executors.newFixedThreadPool(1));
		}

		@Bean
		WrapperOfALibrary wrappedWrapper() {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.afterPropertiesSet();
			return new WrapperOfALibrary(new Wrapper(executor));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class VirtualThreads {

		@Bean
		VirtualThreadTaskExecutor virtual() {
			return new VirtualThreadTaskExecutor("worker-");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Concurrent {

		@Bean
		ConcurrentTaskScheduler concurrent() {
			return new ConcurrentTaskScheduler(Executors.newSingleThreadExecutor(),
					Executors.newSingleThreadScheduledExecutor());
		}

	}

	private interface Submission {

		void submit(AssertableApplicationContext context, Runnable task) throws Exception;

	}

	static class WrapperOfALibrary implements Executor {

		private final Executor executor;

		WrapperOfALibrary(Executor executor) {
			this.executor = executor;
		}

		@Override
		public void execute(Runnable task) {
			this.executor.execute(task);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AroundATrackedOne {

		@Bean
		ThreadPoolTaskExecutor pool() {
			return new ThreadPoolTaskExecutor();
		}

		@Bean
		Executor same(ThreadPoolTaskExecutor pool) {
			return pool;
		}

		@Bean
		Executor around(ThreadPoolTaskExecutor pool) {
			return new Wrapper(pool);
		}

		@Bean
		Wrapper aroundByClass(ThreadPoolTaskExecutor pool) {
			return new Wrapper(pool);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Early {

		@Bean
		ThreadPoolTaskExecutor early() {
			return new ThreadPoolTaskExecutor();
		}

		@Bean
		static BeanPostProcessor needsAnExecutor(ThreadPoolTaskExecutor early) {
			return new BeanPostProcessor() {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Unseen {

		@Bean
		UnseenExecutor unseen() {
			return new UnseenExecutor();
		}

		@Bean
		ScheduledThreadPoolExecutor scheduler() {
			return new ScheduledThreadPoolExecutor(1);
		}

		@Bean
		ThreadPoolTaskScheduler removing() {
			ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
			scheduler.setRemoveOnCancelPolicy(true);
			return scheduler;
		}

	}

	static class Listener {

		private final AtomicInteger handled = new AtomicInteger();

		private final Gate gate;

		Listener(Gate gate) {
			this.gate = gate;
		}

		@EventListener
		void handle(String event) {
			this.gate.passStubbornly();
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
			this.handled.incrementAndGet();
		}

	}

	static class UnseenExecutor implements Executor {

		@Override
		public void execute(Runnable task) {
			new Thread(task).start();
		}

	}

}
