package io.github.gracefulshutdown.job;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.autoconfigure.BackgroundJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.ReactiveBackgroundJobAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.reactivestreams.Publisher;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.ConnectableFlux;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link BackgroundJob} methods that are reactive.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class ReactiveBackgroundJobTests {

	private static final String WARNING = "@BackgroundJob on ";

	private final ApplicationContextRunner contextRunner = JobApplication.asyncRunner().withBean(ReactiveJobs.class);

	@Test
	void theCallOnlyAssemblesAndEachSubscriptionIsAJob(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			JobWorkload workload = JobApplication.jobs(context);
			Sinks.One<String> answer = Sinks.one();
			Mono<String> mono = context.getBean(ReactiveJobs.class).mono(answer.asMono());
			assertThat(workload.getInFlight()).isZero();
			assertThat(JobApplication.outcomes(workload)).isEmpty();
			CompletableFuture<String> first = mono.toFuture();
			CompletableFuture<String> second = mono.toFuture();
			assertThat(JobApplication.namesInFlight(context)).containsExactly("mono", "mono");
			answer.tryEmitValue("yes");
			assertThat(first).isCompletedWithValue("yes");
			assertThat(second).isCompletedWithValue("yes");
			JobApplication.assertOutcomes(workload, WorkState.COMPLETED, WorkState.COMPLETED);
			assertThat(output).doesNotContain(WARNING);
		});
	}

	@Test
	void eachReactiveTypeIsTrackedAndKept() {
		this.contextRunner.run((context) -> {
			ReactiveJobs jobs = context.getBean(ReactiveJobs.class);
			StepVerifier.create(jobs.flux(Flux.just("one", "two"))).expectNext("one", "two").verifyComplete();
			StepVerifier.create(jobs.publisher(Flux.just("one", "two"))).expectNext("one", "two").verifyComplete();
			assertThat(jobs.publisher(Mono.just("one"))).isInstanceOf(Mono.class);
			StepVerifier.create(JdkFlowAdapter.flowPublisherToFlux(jobs.flow(Flux.just("one", "two"))))
				.expectNext("one", "two")
				.verifyComplete();
			StepVerifier.create(jobs.flux(Flux.error(new IllegalStateException("Test"))))
				.verifyError(IllegalStateException.class);
			jobs.flux(Flux.never()).subscribe().dispose();
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.COMPLETED,
					WorkState.COMPLETED, WorkState.FAILED, WorkState.CANCELLED);
		});
	}

	@Test
	void nothingReturnedIsNothing() {
		this.contextRunner.run((context) -> {
			assertThat(context.getBean(ReactiveJobs.class).nothing()).isNull();
			assertThat(JobApplication.outcomes(JobApplication.jobs(context))).isEmpty();
		});
	}

	@Test
	void methodsOfAnAnnotatedTypeThatAreCalledThroughAnInterface() {
		this.contextRunner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean("handler", MonoHandler.class)
			.run((context) -> {
				Handler<?> handler = context.getBean(Handler.class);
				Mono<String> mono = ((Mono<?>) handler.handle("hello")).cast(String.class);
				StepVerifier.create(mono).expectNext("hello").verifyComplete();
				StepVerifier.create(mono).expectNext("hello").verifyComplete();
				JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.COMPLETED);
			});
	}

	@Test
	void theDrainWaits() {
		this.contextRunner.run((context) -> {
			JobApplication application = JobApplication.of(context);
			Sinks.One<String> answer = Sinks.one();
			CompletableFuture<String> result = context.getBean(ReactiveJobs.class).mono(answer.asMono()).toFuture();
			List<String> inFlight = new CopyOnWriteArrayList<>();
			application.onDrainStarted(() -> {
				inFlight.addAll(JobApplication.namesInFlight(context));
				answer.tryEmitValue("yes");
			});
			context.close();
			assertThat(inFlight).containsExactly("mono");
			assertThat(result).isCompletedWithValue("yes");
			assertThat(application.report().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@Test
	void afterTheDrainTheCallSucceedsAndASubscriptionFails() {
		this.contextRunner.run((context) -> {
			ReactiveJobs jobs = context.getBean(ReactiveJobs.class);
			context.close();
			StepVerifier.create(jobs.mono(Mono.just("late"))).verifyError(JobRejectedException.class);
		});
	}

	@Test
	void isCancelledAtTheSignalIfDeclaredSo() {
		this.contextRunner.run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload workload = JobApplication.jobs(context);
			ReactiveJobs jobs = context.getBean(ReactiveJobs.class);
			TestPublisher<String> source = TestPublisher.create();
			CompletableFuture<String> result = jobs.cancel(source.mono()).toFuture();
			Sinks.One<String> held = Sinks.one();
			CompletableFuture<Throwable> late = new CompletableFuture<>();
			jobs.mono(held.asMono()).subscribe();
			result.whenComplete((value, ex) -> {
				jobs.cancel(Mono.never()).subscribe((none) -> {
				}, late::complete);
				held.tryEmitValue("done");
			});
			context.close();
			assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> result.getNow("not cancelled"));
			source.assertCancelled(1);
			assertThat(late).isCompletedWithValueMatching(JobRejectedException.class::isInstance);
			assertThat(application.report().state()).isEqualTo(DrainState.DRAINED);
			assertThat(application.report().duration()).isLessThan(Gate.LIMIT.dividedBy(2));
			JobApplication.assertOutcomes(workload, WorkState.CANCELLED, WorkState.REJECTED, WorkState.COMPLETED);
		});
	}

	@Test
	void isNotTrackedIfDeclaredSo() {
		this.contextRunner.run((context) -> {
			context.getBean(ReactiveJobs.class).ignore(Mono.never()).subscribe();
			assertThat(JobApplication.jobs(context).getInFlight()).isZero();
		});
	}

	@Test
	void retriesArePartOfTheJob() {
		this.contextRunner.withUserConfiguration(ResilientConfiguration.class).run((context) -> {
			JobWorkload workload = JobApplication.jobs(context);
			AtomicInteger attempts = new AtomicInteger();
			StepVerifier.create(context.getBean(ReactiveJobs.class).retryable(Mono.fromCallable(() -> {
				assertThat(workload.getInFlight()).isOne();
				if (attempts.incrementAndGet() < 3) {
					throw new IllegalStateException("Attempt " + attempts);
				}
				return "done";
			}))).expectNext("done").expectComplete().verify(Gate.LIMIT);
			assertThat(attempts).hasValue(3);
			JobApplication.awaitOutcomes(workload, WorkState.COMPLETED);
		});
	}

	@Test
	void aMethodThatSpringDoesNotRunAsynchronouslyIsNoJob() {
		this.contextRunner.run((context) -> {
			assertThatExceptionOfType(IllegalArgumentException.class)
				.isThrownBy(() -> context.getBean(ReactiveJobs.class).async());
			assertThat(JobApplication.outcomes(JobApplication.jobs(context))).isEmpty();
		});
	}

	@Test
	void eachScheduledSubscriptionIsAJob() {
		this.contextRunner.withUserConfiguration(SchedulingConfiguration.class)
			.withBean(ScheduledJobs.class)
			.run((context) -> {
				JobApplication application = JobApplication.of(context);
				ScheduledJobs jobs = context.getBean(ScheduledJobs.class);
				await().atMost(Gate.LIMIT)
					.untilAsserted(() -> assertThat(JobApplication.namesInFlight(context)).containsExactly("tick"));
				jobs.answer().tryEmitValue("first");
				await().atMost(Gate.LIMIT)
					.untilAsserted(() -> assertThat(JobApplication.jobs(context).getCount(WorkState.COMPLETED))
						.isGreaterThan(1));
				context.close();
				assertThat(application.report().state()).isEqualTo(DrainState.DRAINED);
			});
	}

	@Test
	void aSubtypeIsNotTrackedAndWarnedOf(CapturedOutput output) {
		JobApplication.runner().withBean("strange", Subtype.class).run((context) -> {
			assertThat(context.getBean(Subtype.class).connectable()).isInstanceOf(ConnectableFlux.class);
			assertThat(output).contains(WARNING + Subtype.class.getName()
					+ ".connectable of bean 'strange' has no effect: the method is reactive, and its type is not one that can be tracked");
		});
	}

	@Test
	void withoutReactorTheCallIsTheJob(CapturedOutput output) {
		new ApplicationContextRunner().withClassLoader(new FilteredClassLoader("reactor.", "org.reactivestreams."))
			.withConfiguration(AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class,
					LifecycleAutoConfiguration.class, GracefulShutdownAutoConfiguration.class,
					BackgroundJobAutoConfiguration.class, ReactiveBackgroundJobAutoConfiguration.class))
			.withBean("strange", PublicJobs.class)
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.hasSingleBean(BackgroundJobs.class)
					.doesNotHaveBean(ReactiveBackgroundJobs.class)
					.doesNotHaveBean(PublisherTracker.class);
				assertThat(output).contains(WARNING + PublicJobs.class.getName()
						+ ".publisher of bean 'strange' has no effect: the method is reactive");
				context.getBean(PublicJobs.class).publisher();
				JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
			});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableResilientMethods
	static class ResilientConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class SchedulingConfiguration {

	}

	static class ReactiveJobs {

		@BackgroundJob("mono")
		Mono<String> mono(Mono<String> body) {
			return body;
		}

		@BackgroundJob("flux")
		Flux<String> flux(Flux<String> body) {
			return body;
		}

		@BackgroundJob("publisher")
		Publisher<String> publisher(Publisher<String> body) {
			return body;
		}

		@BackgroundJob("flow")
		Flow.Publisher<String> flow(Flux<String> body) {
			return JdkFlowAdapter.publisherToFlowPublisher(body);
		}

		@BackgroundJob("nothing")
		@Nullable Mono<String> nothing() {
			return null;
		}

		@BackgroundJob(name = "cancel", onDrain = OnDrain.CANCEL)
		Mono<String> cancel(Mono<String> body) {
			return body;
		}

		@BackgroundJob(name = "ignore", onDrain = OnDrain.IGNORE)
		Mono<String> ignore(Mono<String> body) {
			return body;
		}

		@BackgroundJob("retryable")
		@Retryable(maxRetries = 2, delay = 1)
		Mono<String> retryable(Mono<String> body) {
			return body;
		}

		@Async
		@BackgroundJob("async")
		Mono<String> async() {
			return Mono.empty();
		}

	}

	interface Handler<R> {

		R handle(String body);

	}

	@BackgroundJob
	static class MonoHandler implements Handler<Mono<String>> {

		@Override
		public Mono<String> handle(String body) {
			return Mono.just(body);
		}

	}

	static class ScheduledJobs {

		private final Sinks.One<String> answer = Sinks.one();

		Sinks.One<String> answer() {
			return this.answer;
		}

		@BackgroundJob("tick")
		@Scheduled(fixedDelay = 1)
		Mono<String> tick() {
			return this.answer.asMono();
		}

	}

	static class Subtype {

		@BackgroundJob
		ConnectableFlux<String> connectable() {
			return Flux.just("one").publish();
		}

	}

	public static class PublicJobs {

		@BackgroundJob
		public Flow.Publisher<String> publisher() {
			return (subscriber) -> {
			};
		}

	}

}
