package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import io.github.gracefulshutdown.job.GracePeriods;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.core.task.support.TaskExecutorAdapter;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.concurrent.ConcurrentTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;

/**
 * The drain of executors, whose tasks are not annotated.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class ExecutorDrainTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class,
				LifecycleAutoConfiguration.class, TaskExecutionAutoConfiguration.class,
				GracefulShutdownAutoConfiguration.class, ExecutorDrainAutoConfiguration.class))
		.withBean(Gate.class);

	static Stream<?> executors() {
		return Stream.of(Named.named("one-thread pool", kind(() -> pool(new ThreadPoolTaskExecutor()))),
				Named.named("pool that waits by itself", kind(() -> {
					ThreadPoolTaskExecutor executor = pool(new ThreadPoolTaskExecutor());
					executor.setWaitForTasksToCompleteOnShutdown(true);
					executor.setAwaitTerminationSeconds(30);
					return executor;
				})), Named.named("pool with a queue of priorities", kind(() -> pool(new PrioritizingExecutor()))),
				Named.named("SimpleAsyncTaskExecutor", kind(SimpleAsyncTaskExecutor::new)),
				Named.named("ThreadPoolExecutor",
						kind(() -> new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>()))),
				Named.named("ForkJoinPool", kind(() -> new ForkJoinPool(1))),
				Named.named("single thread", kind(Executors::newSingleThreadExecutor)),
				Named.named("lambda", kind(ExecutorDrainTests::lambda)),
				Named.named("TaskExecutorAdapter",
						kind(() -> new TaskExecutorAdapter(Executors.newSingleThreadExecutor()))),
				Named.named("ConcurrentTaskExecutor",
						kind(() -> new ConcurrentTaskExecutor(Executors.newSingleThreadExecutor()))),
				Named.named("class of a library", kind(() -> new Wrapper(Executors.newSingleThreadExecutor()))),
				Named.named("JDK scheduler", kind(() -> Executors.newScheduledThreadPool(1))),
				Named.named("JDK scheduler with one thread", kind(Executors::newSingleThreadScheduledExecutor)));
	}

	private static Supplier<Executor> kind(Supplier<Executor> executor) {
		return executor;
	}

	private static Executor lambda() {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		return (task) -> executor.execute(task);
	}

	private static ThreadPoolTaskExecutor pool(ThreadPoolTaskExecutor executor) {
		executor.setCorePoolSize(1);
		executor.setMaxPoolSize(1);
		return executor;
	}

	@ParameterizedTest
	@MethodSource("executors")
	void runningAndQueuedTasksAreWaitedFor(Supplier<Executor> kind) {
		run(kind, (context) -> {
			Gate gate = context.getBean(Gate.class);
			AtomicInteger finished = new AtomicInteger();
			for (int i = 0; i < 3; i++) {
				executor(context).execute(new Prioritized(() -> {
					gate.passStubbornly();
					finished.incrementAndGet();
				}));
			}
			gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(report).isNotDone();
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isEqualTo(3);
			assertThat(workloads(context).flatMap((workload) -> workload.describe(2).stream())).hasSize(2)
				.allMatch((task) -> task.name().equals("executor"));
			gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(finished).hasValue(3);
			assertThat(gate.getInterrupts()).isZero();
		});
	}

	@ParameterizedTest
	@MethodSource("executors")
	void anIdleExecutorIsNotWaitedFor(Supplier<Executor> kind) {
		run(kind, (context) -> {
			CompletableFuture.runAsync(() -> {
			}, (task) -> executor(context).execute(new Prioritized(task))).join();
			DrainReport report = shutdown(context).join();
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			assertThat(report.duration()).isLessThan(Duration.ofSeconds(10));
		});
	}

	@ParameterizedTest
	@MethodSource("executors")
	void executorsThatFeedEachOtherAreWaitedFor(Supplier<Executor> kind) {
		this.contextRunner.withBean("executor", Executor.class, kind)
			.withBean("other", Executor.class, kind)
			.run((context) -> {
				List<Executor> executors = List.of(executor(context), context.getBean("other", Executor.class));
				Gate gate = context.getBean(Gate.class);
				AtomicInteger hops = new AtomicInteger();
				executors.get(0).execute(new Prioritized(() -> {
					gate.passStubbornly();
					hop(executors, hops);
				}));
				gate.awaitArrivals(1);
				CompletableFuture<DrainReport> report = shutdown(context);
				awaitDraining(context);
				gate.open();
				assertThat(report.thenApply((ended) -> hops.get()).join()).isEqualTo(2000);
			});
	}

	private static void hop(List<Executor> executors, AtomicInteger hops) {
		if (hops.incrementAndGet() < 2000) {
			executors.get(hops.get() % 2).execute(new Prioritized(() -> hop(executors, hops)));
		}
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void tasksOnVirtualThreadsAreWaitedFor() throws Exception {
		Callable<?> factory = () -> Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
		ExecutorService virtualThreads = (ExecutorService) factory.call();
		runningAndQueuedTasksAreWaitedFor(() -> virtualThreads);
	}

	@Test
	void anAsyncMethodWithoutAnnotationIsWaitedForAndAFollowUpToo() {
		this.contextRunner.withUserConfiguration(AsyncConfiguration.class)
			.withBean(AsyncBean.class)
			.withPropertyValues("spring.task.execution.pool.core-size=1")
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				List<String> done = Collections.synchronizedList(new ArrayList<>());
				Executor executor = context.getBean("applicationTaskExecutor", Executor.class);
				context.getBean(AsyncBean.class)
					.run(gate::passStubbornly)
					.thenRunAsync(() -> done.add("follow-up"), executor)
					.thenRunAsync(() -> done.add("its follow-up"), executor);
				gate.awaitArrivals(1);
				CompletableFuture<DrainReport> report = shutdown(context);
				awaitDraining(context);
				gate.open();
				assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.COMPLETED, 3L);
				assertThat(done).containsExactly("follow-up", "its follow-up");
			});
	}

	@Test
	void theDecoratorOfTheApplicationIsKept() {
		for (boolean pool : new boolean[] { true, false }) {
			AtomicInteger decorated = new AtomicInteger();
			run(() -> {
				SimpleAsyncTaskExecutor simple = new SimpleAsyncTaskExecutor();
				simple.setTaskDecorator((task) -> () -> {
					decorated.incrementAndGet();
					task.run();
				});
				ThreadPoolTaskExecutor threads = new ThreadPoolTaskExecutor();
				threads.setTaskDecorator((task) -> () -> {
					decorated.incrementAndGet();
					task.run();
				});
				return pool ? threads : simple;
			}, (context) -> {
				CompletableFuture.runAsync(() -> {
				}, executor(context)).join();
				await().until(() -> tasks(context).getCount(WorkState.COMPLETED) == 1);
				assertThat(decorated).hasValue(1);
			});
		}
	}

	@Test
	void aRejectedTaskIsNotInFlight() {
		run(() -> {
			ThreadPoolTaskExecutor executor = pool(new ThreadPoolTaskExecutor());
			executor.setQueueCapacity(0);
			return executor;
		}, (context) -> {
			Gate gate = context.getBean(Gate.class);
			executor(context).execute(gate::passStubbornly);
			assertThatExceptionOfType(TaskRejectedException.class)
				.isThrownBy(() -> executor(context).execute(gate::passStubbornly));
			assertThat(tasks(context).getInFlight()).isEqualTo(1);
			assertThat(tasks(context).getCount(WorkState.REJECTED)).isEqualTo(1);
			gate.open();
		});
	}

	@Test
	void aHandlerOfTheApplicationGetsTheSubmittedTask() {
		List<Runnable> rejected = new ArrayList<>();
		run(() -> {
			ThreadPoolTaskExecutor executor = pool(new ThreadPoolTaskExecutor());
			executor.setQueueCapacity(0);
			executor.setRejectedExecutionHandler((task, pool) -> rejected.add(task));
			return executor;
		}, (context) -> {
			Gate gate = context.getBean(Gate.class);
			executor(context).execute(gate::passStubbornly);
			Prioritized task = new Prioritized(gate::passStubbornly);
			executor(context).execute(task);
			assertThat(rejected).containsExactly(task);
			assertThat(tasks(context).getInFlight()).isEqualTo(1);
			assertThat(tasks(context).getCount(WorkState.REJECTED)).isEqualTo(1);
			gate.open();
		});
	}

	@Test
	void aTaskThatTheHandlerPutsIntoTheQueueIsWaitedFor() {
		run(() -> {
			ThreadPoolTaskExecutor executor = pool(new ThreadPoolTaskExecutor());
			executor.setQueueCapacity(1);
			executor.setRejectedExecutionHandler((task, pool) -> {
				Runnable queued = pool.getQueue().remove();
				pool.getQueue().add(task);
				queued.run();
			});
			return executor;
		}, (context) -> {
			Gate gate = context.getBean(Gate.class);
			AtomicInteger finished = new AtomicInteger();
			executor(context).execute(gate::passStubbornly);
			gate.awaitArrivals(1);
			executor(context).execute(finished::incrementAndGet);
			executor(context).execute(new Prioritized(() -> {
				gate.passStubbornly();
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
				finished.incrementAndGet();
			}));
			assertThat(finished).hasValue(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			gate.open();
			assertThat(report.thenApply((ended) -> finished.get()).join()).isEqualTo(2);
		});
	}

	@Test
	void aHandlerThatRejectsNothingIsKept() {
		run(() -> {
			ThreadPoolTaskExecutor executor = pool(new ThreadPoolTaskExecutor());
			executor.setRejectedExecutionHandler(new ThreadPoolExecutor.CallerRunsPolicy());
			return executor;
		}, (context) -> assertThat(
				context.getBean(ThreadPoolTaskExecutor.class).getThreadPoolExecutor().getRejectedExecutionHandler())
			.isInstanceOf(ThreadPoolExecutor.CallerRunsPolicy.class));
	}

	@Test
	void aTaskThatIsRejectedAtALimitIsNotInFlight() {
		run(() -> {
			SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor();
			executor.setConcurrencyLimit(1);
			executor.setRejectTasksWhenLimitReached(true);
			return executor;
		}, (context) -> {
			Gate gate = context.getBean(Gate.class);
			executor(context).execute(gate::passStubbornly);
			gate.awaitArrivals(1);
			assertThatExceptionOfType(TaskRejectedException.class)
				.isThrownBy(() -> executor(context).execute(gate::passStubbornly));
			assertThat(tasks(context).getInFlight()).isEqualTo(1);
			assertThat(tasks(context).getCount(WorkState.REJECTED)).isEqualTo(1);
			gate.open();
		});
	}

	@Test
	void aTaskThatWaitsForAPermitIsInFlight() {
		run(() -> {
			SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor();
			executor.setConcurrencyLimit(1);
			return executor;
		}, (context) -> {
			Gate gate = context.getBean(Gate.class);
			executor(context).execute(gate::passStubbornly);
			AtomicInteger finished = new AtomicInteger();
			CompletableFuture<Void> submission = CompletableFuture
				.runAsync(() -> executor(context).execute(finished::incrementAndGet));
			await().until(() -> tasks(context).getInFlight() == 2);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(submission).isNotDone();
			gate.open();
			assertThat(report.thenApply((ended) -> finished.get()).join()).isOne();
		});
	}

	@Test
	void aTaskWhoseThreadHasNotBegunIsWaitedForByAnExecutorThatRejects() {
		Gate start = new Gate();
		run(() -> {
			SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor((task) -> new Thread(() -> {
				start.passStubbornly();
				task.run();
			}));
			executor.setConcurrencyLimit(2);
			executor.setRejectTasksWhenLimitReached(true);
			return executor;
		}, (context) -> {
			AtomicInteger finished = new AtomicInteger();
			executor(context).execute(finished::incrementAndGet);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(tasks(context).isIdle()).isFalse();
			start.open();
			assertThat(report.thenApply((ended) -> finished.get()).join()).isOne();
		});
	}

	@Test
	void aTickThatGivesWorkToAPoolDoesNotEndBeforeItIsDone() {
		this.contextRunner.withBean("executor", Executor.class, Executors::newCachedThreadPool)
			.withBean(ThreadPoolTaskScheduler.class)
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				AtomicInteger finished = new AtomicInteger();
				CompletableFuture.runAsync(() -> {
				}, executor(context)).join();
				context.getBean(ThreadPoolTaskScheduler.class).scheduleAtFixedRate(() -> {
					gate.passStubbornly();
					executor(context).execute(() -> {
						LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
						finished.incrementAndGet();
					});
				}, Duration.ofHours(1));
				gate.awaitArrivals(1);
				CompletableFuture<DrainReport> report = shutdown(context);
				awaitDraining(context);
				gate.open();
				assertThat(report.thenApply((ended) -> finished.get()).join()).isOne();
			});
	}

	@Test
	void aQueuedFutureIsCancelledWhenItsExecutorIsShutDown() {
		run(() -> pool(new ThreadPoolTaskExecutor()), (context) -> {
			Gate gate = context.getBean(Gate.class);
			ThreadPoolTaskExecutor executor = context.getBean(ThreadPoolTaskExecutor.class);
			executor.execute(gate::passStubbornly);
			gate.awaitArrivals(1);
			Future<?> queued = executor.submit(gate::passStubbornly);
			System.gc();
			executor.shutdown();
			assertThat(queued).isCancelled();
			gate.open();
		});
	}

	@Test
	void aScopedExecutorKeepsItsDecorator() {
		AtomicInteger decorated = new AtomicInteger();
		this.contextRunner.withInitializer((context) -> {
			GenericApplicationContext application = (GenericApplicationContext) context;
			application.getBeanFactory().registerScope("test", new SimpleThreadScope());
			RootBeanDefinition definition = new RootBeanDefinition(ThreadPoolTaskExecutor.class, () -> {
				ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
				executor.setTaskDecorator((task) -> () -> {
					decorated.incrementAndGet();
					task.run();
				});
				return executor;
			});
			definition.setScope("test");
			BeanDefinitionHolder proxy = ScopedProxyUtils
				.createScopedProxy(new BeanDefinitionHolder(definition, "executor"), application, true);
			application.registerBeanDefinition("executor", proxy.getBeanDefinition());
		}).run((context) -> {
			CompletableFuture.runAsync(() -> {
			}, executor(context)).join();
			await().until(() -> tasks(context).getCount(WorkState.COMPLETED) == 1);
			assertThat(decorated).hasValue(1);
		});
	}

	@Test
	void anExecutorThatIsNotAsExpectedIsLeftAlone() {
		run(() -> mock(ThreadPoolTaskExecutor.class), (context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void aFailedTaskIsCountedAsFailed() {
		run(() -> pool(new ThreadPoolTaskExecutor()), (context) -> {
			ThreadPoolTaskExecutor executor = context.getBean(ThreadPoolTaskExecutor.class);
			executor.submit(() -> {
				throw new IllegalStateException("boom");
			});
			executor.execute(() -> {
				throw new IllegalStateException("boom");
			});
			await().dontCatchUncaughtExceptions().until(() -> tasks(context).getCount(WorkState.FAILED) == 2);
			assertThat(tasks(context).getInFlight()).isZero();
		});
	}

	@Test
	void aRunningTaskIsInterruptedAndAQueuedOneNeverBegins() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon())
			.withBean("executor", Executor.class, () -> pool(new ThreadPoolTaskExecutor()))
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				ThreadPoolTaskExecutor executor = context.getBean(ThreadPoolTaskExecutor.class);
				AtomicInteger begun = new AtomicInteger();
				CompletableFuture<Integer> interrupts = new CompletableFuture<>();
				executor.execute(() -> {
					gate.passStubbornly();
					interrupts.complete(gate.getInterrupts());
				});
				Future<?> queued = executor.submit(begun::incrementAndGet);
				gate.awaitArrivals(1);
				DrainReport report = context.getBean(GracefulShutdown.class).shutdown("test").thenApply((ended) -> {
					gate.open();
					return ended;
				}).toCompletableFuture().join();
				assertThat(report.abandoned()).extracting((task) -> task.state())
					.containsExactlyInAnyOrder(WorkState.RUNNING, WorkState.QUEUED);
				assertThat(interrupts.join()).isPositive();
				await().until(queued::isCancelled);
				assertThat(begun).hasValue(0);
			});
	}

	@Test
	void anExcludedExecutorIsLeftAlone() {
		this.contextRunner.withPropertyValues("graceful-shutdown.jobs.exclude=executor")
			.withBean("executor", Executor.class, SimpleAsyncTaskExecutor::new)
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				executor(context).execute(gate::passStubbornly);
				gate.awaitArrivals(1);
				assertThat(tasks(context).getInFlight()).isZero();
				assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
				gate.open();
			});
	}

	@Test
	void trackingCanBeSwitchedOff() {
		this.contextRunner.withPropertyValues("graceful-shutdown.jobs.track-async=false")
			.run((context) -> assertThat(context).doesNotHaveBean(TaskWorkload.class)
				.doesNotHaveBean(ExecutorBeanPostProcessor.class));
	}

	private void run(Supplier<Executor> kind, ContextConsumer<AssertableApplicationContext> test) {
		this.contextRunner.withBean("executor", Executor.class, kind).run(test);
	}

	private static Executor executor(AssertableApplicationContext context) {
		return context.getBean("executor", Executor.class);
	}

	private static Stream<Workload> workloads(AssertableApplicationContext context) {
		return context.getBeansOfType(Workload.class).values().stream();
	}

	private static TaskWorkload tasks(AssertableApplicationContext context) {
		return context.getBean(TaskWorkload.class);
	}

	private static void awaitDraining(AssertableApplicationContext context) {
		await().until(() -> context.getBean(GracefulShutdown.class).state() == DrainState.DRAINING);
	}

	private static CompletableFuture<DrainReport> shutdown(AssertableApplicationContext context) {
		return context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture();
	}

	/**
	 * A task that a queue can compare with others.
	 *
	 * @param code the code to run
	 */
	private record Prioritized(Runnable code) implements Runnable, Comparable<Prioritized> {

		@Override
		public void run() {
			this.code.run();
		}

		@Override
		public int compareTo(Prioritized other) {
			return 0;
		}

	}

	/**
	 * An executor of a class that nobody knows.
	 */
	static class Wrapper implements Executor {

		private final Executor executor;

		Wrapper(Executor executor) {
			this.executor = executor;
		}

		@Override
		public void execute(Runnable task) {
			this.executor.execute(() -> task.run());
		}

	}

	@SuppressWarnings("serial")
	private static final class PrioritizingExecutor extends ThreadPoolTaskExecutor {

		@Override
		protected BlockingQueue<Runnable> createQueue(int queueCapacity) {
			return new PriorityBlockingQueue<>();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class AsyncConfiguration {

	}

	static class AsyncBean {

		@Async
		CompletableFuture<Void> run(Runnable code) {
			code.run();
			return CompletableFuture.completedFuture(null);
		}

	}

}
