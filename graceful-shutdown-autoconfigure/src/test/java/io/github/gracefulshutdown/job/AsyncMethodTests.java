package io.github.gracefulshutdown.job;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.executor.PoolWorkload;
import io.github.gracefulshutdown.executor.TaskWorkload;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.AsyncConfigurer;
import org.springframework.scheduling.concurrent.ConcurrentTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Async} methods without {@link BackgroundJob}.
 *
 * @author The Graceful Shutdown authors
 */
class AsyncMethodTests {

	private final ApplicationContextRunner contextRunner = JobApplication.asyncRunner().withBean(Letters.class);

	static Stream<Named<Class<?>>> executorsThatAreNotSeen() {
		return Stream.of(Named.of("two executors, none of which is the default", TwoExecutors.class),
				Named.of("an executor of an AsyncConfigurer", OwnExecutor.class),
				Named.of("a ConcurrentTaskExecutor", AdaptedExecutor.class),
				Named.of("an executor of an unknown class", UnknownExecutor.class));
	}

	@ParameterizedTest
	@MethodSource("executorsThatAreNotSeen")
	void aCallIsWaitedForOnAnyExecutor(Class<?> configuration) {
		this.contextRunner.withUserConfiguration(configuration).run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			context.getBean(Letters.class).send(gate);
			gate.awaitArrivals(1);
			assertThat(JobApplication.namesInFlight(context)).containsExactly("Letters.send");
			JobApplication application = JobApplication.of(context);
			application.onDrainStarted(gate::open);
			context.close();
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED);
			assertThat(application.report().workloads().get(0).atSignal()).isOne();
		});
	}

	@Test
	void aCallIsNotATaskAsWell() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			context.getBean(Letters.class).send(gate);
			gate.awaitArrivals(1);
			assertThat(JobApplication.namesInFlight(context)).containsExactly("Letters.send");
			assertThat(context.getBean(TaskWorkload.class).getInFlight()).isZero();
			gate.open();
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void aQueuedCallIsInFlight() {
		this.contextRunner.withPropertyValues("spring.task.execution.pool.core-size=1").run((context) -> {
			Gate gate = context.getBean(Gate.class);
			context.getBean(Letters.class).send(gate);
			CompletableFuture<String> answer = context.getBean(Letters.class).answer(gate);
			assertThat(JobApplication.namesInFlight(context)).containsExactlyInAnyOrder("Letters.send",
					"Letters.answer");
			gate.open();
			assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("yes");
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.COMPLETED);
		});
	}

	@Test
	void aCallKnowsOfTheShutdown() {
		this.contextRunner.run((context) -> {
			CompletableFuture<JobContext> job = new CompletableFuture<>();
			context.getBean(Letters.class).sendUntilStopped(job);
			assertThat(job.get(30, TimeUnit.SECONDS).isStopping()).isFalse();
			context.close();
			assertThat(job.join().isStopping()).isTrue();
		});
	}

	@Test
	void aCallIsNotObserved() {
		TestObservationRegistry observations = TestObservationRegistry.create();
		this.contextRunner.withBean(TestObservationRegistry.class, () -> observations).run((context) -> {
			context.getBean(Gate.class).open();
			context.getBean(Letters.class).answer(context.getBean(Gate.class)).get(30, TimeUnit.SECONDS);
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
			TestObservationRegistryAssert.assertThat(observations).doesNotHaveAnyObservation();
		});
	}

	@Test
	void aCallAfterTheDrainIsLeftToTheExecutor() {
		CompletableFuture<CompletableFuture<String>> answer = new CompletableFuture<>();
		this.contextRunner.run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			Letters letters = context.getBean(Letters.class);
			gate.open();
			JobApplication.of(context).onDrainCompleted(() -> answer.complete(letters.answer(gate)));
			context.close();
			assertThat(answer.join().get(30, TimeUnit.SECONDS)).isEqualTo("yes");
			assertThat(JobApplication.outcomes(jobs)).isEmpty();
		});
	}

	@Test
	void aCallIsNoJobIfAsynchronousWorkIsNotTracked() {
		this.contextRunner.withPropertyValues("graceful-shutdown.jobs.track-async=false").run((context) -> {
			Gate gate = context.getBean(Gate.class);
			context.getBean(Letters.class).send(gate);
			context.getBean(Jobs.class).run(gate::pass);
			gate.awaitArrivals(2);
			assertThat(JobApplication.namesInFlight(context)).containsExactly("run");
			gate.open();
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { TwoExecutors.class, AdaptedExecutor.class, UnknownExecutor.class })
	void aCallIsNoJobOnAnExcludedExecutor(Class<?> configuration) {
		this.contextRunner.withUserConfiguration(configuration)
			.withPropertyValues("graceful-shutdown.jobs.exclude=mail,taskExecutor")
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				if (context.containsBean("mail")) {
					context.getBean(Letters.class).sendByMail(gate);
				}
				else {
					context.getBean(Letters.class).send(gate);
				}
				context.getBean(Jobs.class).run(gate::pass);
				gate.awaitArrivals(2);
				assertThat(JobApplication.namesInFlight(context)).containsExactly("run");
				assertThat(context.getBean(TaskWorkload.class).getInFlight()).isZero();
				assertThat(context.getBean(PoolWorkload.class).getInFlight()).isZero();
				gate.open();
			});
	}

	@Test
	void aCallIsNoJobOnBootsExecutorIfThatIsExcluded() {
		this.contextRunner.withPropertyValues("graceful-shutdown.jobs.exclude=applicationTaskExecutor")
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				context.getBean(Letters.class).send(gate);
				gate.awaitArrivals(1);
				assertThat(JobApplication.namesInFlight(context)).isEmpty();
				gate.open();
			});
	}

	static class Letters {

		@Async
		void send(Gate gate) throws InterruptedException {
			gate.pass();
		}

		@Async("mail")
		void sendByMail(Gate gate) throws InterruptedException {
			gate.pass();
		}

		@Async
		CompletableFuture<String> answer(Gate gate) {
			gate.passStubbornly();
			return CompletableFuture.completedFuture("yes");
		}

		@Async
		void sendUntilStopped(CompletableFuture<JobContext> job) throws InterruptedException {
			job.complete(JobContext.current());
			while (!JobContext.current().isStopping()) {
				JobContext.current().sleep(Gate.LIMIT);
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoExecutors {

		@Bean
		ThreadPoolTaskExecutor mail() {
			return new ThreadPoolTaskExecutor();
		}

		@Bean
		ThreadPoolTaskExecutor print() {
			return new ThreadPoolTaskExecutor();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnExecutor implements AsyncConfigurer {

		@Override
		public AsyncTaskExecutor getAsyncExecutor() {
			return new SimpleAsyncTaskExecutor("own-");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AdaptedExecutor {

		@Bean
		ConcurrentTaskExecutor taskExecutor() {
			return new ConcurrentTaskExecutor(Executors.newCachedThreadPool());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UnknownExecutor {

		@Bean
		Executor taskExecutor() {
			return (task) -> new Thread(task).start();
		}

	}

}
