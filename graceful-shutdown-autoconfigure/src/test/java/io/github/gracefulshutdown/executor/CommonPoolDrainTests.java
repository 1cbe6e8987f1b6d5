package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of the common pool. It belongs to the JVM, so each test leaves it idle. With
 * one or two processors, {@link CompletableFuture} does not use it before JDK 25.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class CommonPoolDrainTests {

	private final ForkJoinPool pool = ForkJoinPool.commonPool();

	private final Queue<Gate> gates = new ConcurrentLinkedQueue<>();

	private final AtomicInteger finished = new AtomicInteger();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
					GracefulShutdownAutoConfiguration.class, ExecutorDrainAutoConfiguration.class));

	@BeforeEach
	@AfterEach
	void theCommonPoolIsIdle() {
		this.gates.forEach(Gate::open);
		assertThat(this.pool.awaitQuiescence(30, TimeUnit.SECONDS)).isTrue();
	}

	private Gate occupy() {
		Gate gate = new Gate();
		this.gates.add(gate);
		this.pool.execute(() -> {
			gate.passStubbornly();
			this.finished.incrementAndGet();
		});
		gate.awaitArrivals(1);
		return gate;
	}

	@Test
	void runningAndQueuedTasksAreWaitedForUnlikeInPlainBoot() {
		this.contextRunner.run((context) -> {
			Gate gate = occupy();
			this.pool.execute(() -> {
				this.finished.incrementAndGet();
				this.pool.execute(this.finished::incrementAndGet);
			});
			CompletableFuture<DrainReport> report = shutdown(context);
			await().until(() -> context.getBean(GracefulShutdown.class).state() == DrainState.DRAINING);
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isPositive();
			assertThat(context.getBean(PoolWorkload.class).describe(1)).singleElement()
				.satisfies((task) -> assertThat(task.name()).isEqualTo("ForkJoinPool.commonPool"));
			gate.open();
			assertThat(report.thenApply((ended) -> this.finished.get()).join()).isEqualTo(3);
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
		});
		this.finished.set(0);
		for (String plain : new String[] { "graceful-shutdown.enabled=false",
				"graceful-shutdown.jobs.track-common-pool=false" }) {
			this.contextRunner.withPropertyValues(plain).run((context) -> {
				Gate gate = occupy();
				context.getSourceApplicationContext().close();
				assertThat(this.finished).as(plain).hasValue(0);
				gate.open();
				await().until(() -> this.finished.getAndSet(0) == 1);
			});
		}
	}

	@Test
	void anIdleCommonPoolWithThreadsIsIdleAtTheFirstQuestion() {
		this.contextRunner.run((context) -> {
			occupy().open();
			await().until(this.pool::isQuiescent);
			assertThat(this.pool.getPoolSize()).isPositive();
			PoolWorkload pools = context.getBean(PoolWorkload.class);
			pools.stopAccepting();
			assertThat(pools.isIdle()).isTrue();
		});
	}

	@Test
	void aTaskThatClosesTheContextDoesNotWaitForItself(CapturedOutput output) {
		this.contextRunner.withPropertyValues("graceful-shutdown.grace-period=100s").run((context) -> {
			CompletableFuture<Void> closed = new CompletableFuture<>();
			this.pool.execute(() -> {
				context.getSourceApplicationContext().close();
				closed.complete(null);
			});
			assertThat(closed).succeedsWithin(Duration.ofSeconds(30));
			assertThat(output).contains("Drained")
				.contains("Not waiting for 1 of the tasks of 'ForkJoinPool.commonPool'");
		});
	}

	@Test
	void aTaskThatBeganBeforeTheApplicationWasReadyDoesNotHoldTheExit() {
		this.contextRunner.withPropertyValues("graceful-shutdown.grace-period=100s").run((context) -> {
			Gate loop = occupy();
			AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
			DrainReport report = shutdown(context).get(30, TimeUnit.SECONDS);
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			assertThat(this.finished).hasValue(0);
			loop.open();
		});
	}

	private static CompletableFuture<DrainReport> shutdown(AssertableApplicationContext context) {
		return context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture();
	}

}
