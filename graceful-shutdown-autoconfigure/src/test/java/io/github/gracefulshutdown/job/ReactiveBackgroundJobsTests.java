package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkState;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link ReactiveBackgroundJobs}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class ReactiveBackgroundJobsTests {

	private final ApplicationContextRunner contextRunner = JobApplication.runner();

	@Test
	void eachSubscriptionToAMonoIsAJobUntilItIsComplete() {
		this.contextRunner.run((context) -> {
			Sinks.One<String> answer = Sinks.one();
			Mono<String> tracked = jobs(context).track("ask", answer.asMono());
			assertThat(JobApplication.namesInFlight(context)).isEmpty();
			CompletableFuture<String> first = tracked.toFuture();
			CompletableFuture<String> second = tracked.toFuture();
			assertThat(JobApplication.namesInFlight(context)).containsExactly("ask", "ask");
			JobApplication.awaitState(JobApplication.jobs(context), WorkState.WAITING, 2);
			answer.tryEmitValue("yes");
			assertThat(first).isCompletedWithValue("yes");
			assertThat(second).isCompletedWithValue("yes");
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED, WorkState.COMPLETED);
		});
	}

	@Test
	void aMonoWithoutValueIsCompleted() {
		this.contextRunner.run((context) -> {
			StepVerifier.create(jobs(context).track("nothing", Mono.empty())).verifyComplete();
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void eachSubscriptionToAFluxIsAJobUntilItIsComplete() {
		this.contextRunner.run((context) -> {
			JobWorkload workload = JobApplication.jobs(context);
			TestPublisher<String> lines = TestPublisher.create();
			StepVerifier.create(jobs(context).track("import", lines.flux()), 1)
				.then(() -> lines.assertMaxRequested(1))
				.then(() -> lines.next("one"))
				.expectNext("one")
				.then(() -> assertThat(JobApplication.namesInFlight(context)).containsExactly("import"))
				.thenRequest(1)
				.then(() -> lines.next("two"))
				.expectNext("two")
				.then(lines::complete)
				.verifyComplete();
			JobApplication.assertOutcomes(workload, WorkState.COMPLETED);
		});
	}

	@Test
	void anErrorIsAFailure() {
		this.contextRunner.run((context) -> {
			IllegalStateException failure = new IllegalStateException("Test");
			StepVerifier.create(jobs(context).track("mono", Mono.error(failure)))
				.verifyErrorSatisfies((ex) -> assertThat(ex).isSameAs(failure));
			StepVerifier.create(jobs(context).track("flux", Flux.just("one").concatWith(Mono.error(failure))))
				.expectNext("one")
				.verifyErrorSatisfies((ex) -> assertThat(ex).isSameAs(failure));
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.FAILED, WorkState.FAILED);
		});
	}

	@Test
	void aSourceThatCannotBeSubscribedToIsAFailure() {
		this.contextRunner.run((context) -> {
			Publisher<String> broken = (subscriber) -> {
				throw new IllegalStateException("Test");
			};
			StepVerifier.create(jobs(context).track("broken", Flux.from(broken)))
				.verifyError(IllegalStateException.class);
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.FAILED);
		});
	}

	@Test
	void aCancelledSubscriptionIsCancelled() {
		this.contextRunner.run((context) -> {
			TestPublisher<String> mono = TestPublisher.create();
			TestPublisher<String> flux = TestPublisher.create();
			Disposable first = jobs(context).track("mono", mono.mono()).subscribe();
			Disposable second = jobs(context).track("flux", flux.flux()).subscribe();
			first.dispose();
			second.dispose();
			mono.assertCancelled(1);
			flux.assertCancelled(1);
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.CANCELLED, WorkState.CANCELLED);
		});
	}

	@Test
	void isInFlightUntilItsSubscriberHasBeenTold() {
		this.contextRunner.run((context) -> {
			JobWorkload workload = JobApplication.jobs(context);
			List<Long> inFlight = new CopyOnWriteArrayList<>();
			Runnable look = () -> inFlight.add(workload.getInFlight());
			jobs(context).track("mono", Mono.just(1)).doOnTerminate(look).block();
			jobs(context).track("flux", Flux.just(1)).doOnTerminate(look).blockLast();
			jobs(context).track("error", Mono.error(new IllegalStateException("Test")))
				.doOnTerminate(look)
				.onErrorComplete()
				.block();
			assertThat(inFlight).containsExactly(1L, 1L, 1L);
			assertThat(workload.getInFlight()).isZero();
		});
	}

	@Test
	void theDrainWaitsAndAcceptsChainedJobs() {
		this.contextRunner.run((context) -> {
			JobApplication application = JobApplication.of(context);
			ReactiveBackgroundJobs jobs = jobs(context);
			Sinks.One<String> answer = Sinks.one();
			CompletableFuture<String> result = jobs.track("ask", answer.asMono())
				.flatMap((value) -> jobs.track("post", Mono.just(value + "!")))
				.then(jobs.track("close", Mono.just("closed")))
				.toFuture();
			application.onDrainStarted(() -> Schedulers.parallel().schedule(() -> answer.tryEmitValue("yes")));
			JobWorkload workload = JobApplication.jobs(context);
			context.close();
			assertThat(result).isCompletedWithValue("closed");
			assertThat(application.report().state()).isEqualTo(DrainState.DRAINED);
			JobApplication.assertOutcomes(workload, WorkState.COMPLETED, WorkState.COMPLETED, WorkState.COMPLETED);
		});
	}

	@Test
	void afterTheDrainASubscriptionFails() {
		this.contextRunner.run((context) -> {
			AtomicInteger begun = new AtomicInteger();
			Mono<Integer> mono = jobs(context).track("mono", Mono.fromCallable(begun::incrementAndGet));
			Flux<Integer> flux = jobs(context).track("flux", mono.flux());
			JobWorkload workload = JobApplication.jobs(context);
			context.close();
			StepVerifier.create(mono).verifyErrorSatisfies((ex) -> assertRejected(ex, "mono"));
			StepVerifier.create(flux).verifyErrorSatisfies((ex) -> assertRejected(ex, "flux"));
			assertThat(begun).hasValue(0);
			JobApplication.assertOutcomes(workload, WorkState.REJECTED, WorkState.REJECTED);
		});
	}

	private static void assertRejected(Throwable ex, String job) {
		assertThat(ex).isInstanceOfSatisfying(JobRejectedException.class,
				(rejected) -> assertThat(rejected.getJobName()).isEqualTo(job));
	}

	@Test
	void shortlyBeforeTheDeadlineSubscriptionsAreCancelledOnce() {
		this.contextRunner.withPropertyValues(GracePeriods.cancelledSoon()).run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload workload = JobApplication.jobs(context);
			TestPublisher<String> mono = TestPublisher.create();
			TestPublisher<String> flux = TestPublisher.create();
			List<Throwable> errors = new CopyOnWriteArrayList<>();
			jobs(context).track("mono", mono.mono()).subscribe((value) -> {
			}, errors::add);
			jobs(context).track("flux", flux.flux()).subscribe((value) -> {
			}, errors::add);
			context.close();
			mono.assertCancelled(1);
			flux.assertCancelled(1);
			assertThat(errors).hasSize(2).allSatisfy((ex) -> assertThat(ex).isInstanceOf(CancellationException.class));
			assertThat(errors).extracting(Throwable::getMessage)
				.containsExactlyInAnyOrder("Background job 'mono' was cancelled because the application is stopping",
						"Background job 'flux' was cancelled because the application is stopping");
			assertThat(application.report().state()).isEqualTo(DrainState.DRAINED);
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
			JobApplication.assertOutcomes(workload, WorkState.CANCELLED, WorkState.CANCELLED);
		});
	}

	@Test
	void aJobThatACancellationStartsIsWaitedFor() {
		this.contextRunner
			.withPropertyValues("graceful-shutdown.grace-period=20s", "graceful-shutdown.reserve=1s",
					"graceful-shutdown.cancel-before-deadline=18s")
			.run((context) -> {
				JobApplication application = JobApplication.of(context);
				JobWorkload workload = JobApplication.jobs(context);
				Sinks.One<String> undone = Sinks.one();
				Mono<String> undo = jobs(context).track("undo", undone.asMono())
					.doOnSubscribe(
							(subscription) -> Schedulers.parallel().schedule(() -> undone.tryEmitValue("undone")));
				CompletableFuture<String> result = jobs(context).track("hanging", Mono.<String>never())
					.onErrorResume(CancellationException.class, (ex) -> undo)
					.toFuture();
				context.close();
				assertThat(result).isCompletedWithValue("undone");
				assertThat(application.report().state()).isEqualTo(DrainState.DRAINED);
				JobApplication.assertOutcomes(workload, WorkState.CANCELLED, WorkState.COMPLETED);
			});
	}

	@Test
	void aJobThatDoesNotHeedTheCancellationIsAbandonedAndNamed() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon()).run((context) -> {
			JobApplication application = JobApplication.of(context);
			JobWorkload workload = JobApplication.jobs(context);
			Gate gate = context.getBean(Gate.class);
			jobs(context).track("stubborn", Mono.never().doOnCancel(gate::passStubbornly)).subscribe();
			context.close();
			assertThat(gate.getArrived()).isOne();
			assertThat(application.report().state()).isEqualTo(DrainState.EXPIRED);
			assertThat(application.report().abandoned()).extracting((job) -> job.name()).containsExactly("stubborn");
			gate.open();
			JobApplication.assertOutcomes(workload, WorkState.ABANDONED);
			assertThat(gate.getInterrupts()).isZero();
		});
	}

	@Test
	void aJobThatBeginsAfterTheCancellationIsCancelledWhenItIsAbandoned() {
		this.contextRunner.withPropertyValues(GracePeriods.cancelledAndLaterAbandoned()).run((context) -> {
			JobApplication application = JobApplication.of(context);
			TestPublisher<String> late = TestPublisher.create();
			CompletableFuture<String> result = jobs(context).track("first", Mono.<String>never())
				.onErrorResume((ex) -> jobs(context).track("late", late.mono()))
				.toFuture();
			context.close();
			assertThat(application.report().abandoned()).extracting((job) -> job.name()).containsOnlyOnce("late");
			await().untilAsserted(() -> late.assertCancelled(1));
			await().untilAsserted(() -> assertThat(result).isCompletedExceptionally());
		});
	}

	@Test
	void theContextOfTheSubscriberReachesTheSource() {
		this.contextRunner.run((context) -> {
			Mono<String> source = Mono.deferContextual((view) -> Mono.just(view.get("key")));
			StepVerifier.create(jobs(context).track("context", source).contextWrite((view) -> view.put("key", "value")))
				.expectNext("value")
				.verifyComplete();
		});
	}

	@Test
	void theJobContextIsCarriedByContextPropagation() {
		this.contextRunner.run((context) -> {
			Hooks.enableAutomaticContextPropagation();
			try {
				JobContext carried = jobs(context)
					.track("carried", Mono.delay(Duration.ofMillis(1)).map((tick) -> JobContext.current()))
					.block(Gate.LIMIT);
				assertThat(carried).isInstanceOfSatisfying(Job.class,
						(job) -> assertThat(job.getName()).isEqualTo("carried"));
				assertThat(JobContext.current()).isSameAs(NoJob.INSTANCE);
			}
			finally {
				Hooks.disableAutomaticContextPropagation();
			}
		});
	}

	@Test
	void isObserved() {
		TestObservationRegistry observations = TestObservationRegistry.create();
		this.contextRunner.withBean(ObservationRegistry.class, () -> observations).run((context) -> {
			Observation parent = Observation.start("request", observations);
			Sinks.One<String> answer = Sinks.one();
			CompletableFuture<Observation> inside = jobs(context)
				.track("ask",
						answer.asMono()
							.then(Mono.deferContextual(
									(view) -> Mono.<Observation>just(view.get(ObservationThreadLocalAccessor.KEY)))))
				.contextWrite((view) -> view.put(ObservationThreadLocalAccessor.KEY, parent))
				.toFuture();
			assertThat(observations.getCurrentObservation()).isNull();
			TestObservationRegistryAssert.assertThat(observations)
				.hasObservationWithNameEqualTo("background.job")
				.that()
				.isNotStopped();
			answer.tryEmitValue("yes");
			assertThat(inside.get(30, TimeUnit.SECONDS).getContextView().getName()).isEqualTo("background.job");
			TestObservationRegistryAssert.assertThat(observations)
				.hasObservationWithNameEqualTo("background.job")
				.that()
				.hasLowCardinalityKeyValue("job", "ask")
				.hasLowCardinalityKeyValue("outcome", "completed")
				.hasParentObservationEqualTo(parent)
				.hasBeenStopped();
		});
	}

	@Test
	void aFailureIsObserved() {
		TestObservationRegistry observations = TestObservationRegistry.create();
		this.contextRunner.withBean(ObservationRegistry.class, () -> observations).run((context) -> {
			IllegalStateException failure = new IllegalStateException("Test");
			StepVerifier.create(jobs(context).track("failing", Mono.error(failure)))
				.verifyError(IllegalStateException.class);
			TestObservationRegistryAssert.assertThat(observations)
				.hasObservationWithNameEqualTo("background.job")
				.that()
				.hasLowCardinalityKeyValue("outcome", "failed")
				.hasError(failure)
				.hasBeenStopped();
		});
	}

	private static ReactiveBackgroundJobs jobs(ApplicationContext context) {
		return context.getBean(ReactiveBackgroundJobs.class);
	}

}
