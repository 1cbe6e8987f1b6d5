package io.github.gracefulshutdown.job;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.WorkState;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for the observation of {@link BackgroundJob} methods.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class BackgroundJobObservationTests {

	private final TestObservationRegistry observations = TestObservationRegistry.create();

	private final ApplicationContextRunner contextRunner = JobApplication.asyncRunner()
		.withBean(ObservationRegistry.class, () -> this.observations);

	@Test
	void jobIsObserved() {
		this.contextRunner.run((context) -> {
			Observation current = context.getBean(Jobs.class).call(this.observations::getCurrentObservation);
			assertThat(current).isNotNull();
			assertThat(current.getContext().getContextualName()).isEqualTo("job call");
			assertThat(this.observations.getCurrentObservation()).isNull();
			assertObserved("call", "completed");
		});
	}

	@Test
	void fromTheThousandthNameOnJobsAreCountedAsOthers(CapturedOutput output) {
		ObservationRegistry registry = ObservationRegistry.create();
		MeterRegistry meters = new SimpleMeterRegistry();
		registry.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
		JobApplication.runner().withBean(ObservationRegistry.class, () -> registry).run((context) -> {
			BackgroundJobs jobs = context.getBean(BackgroundJobs.class);
			for (int number = 1; number <= 1200; number++) {
				jobs.track("job-" + number).close();
			}
			jobs.track("job-1").close();
			assertThat(meters.get("background.job").timers()).hasSize(1000);
			assertThat(meters.get("background.job").tag("job", "other").timer().count()).isEqualTo(201);
			assertThat(meters.get("background.job").tag("job", "job-1").timer().count()).isEqualTo(2);
			assertThat(output).containsOnlyOnce("Background jobs have 1000 names, such as 'job-1000'");
		});
	}

	@Test
	void failureIsObserved() {
		this.contextRunner.run((context) -> {
			IllegalStateException failure = new IllegalStateException("Test");
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(Jobs.class).call(() -> {
				throw failure;
			}));
			assertObserved("call", "failed").hasError(failure);
		});
	}

	@Test
	void asynchronousJobIsObservedInItsThread() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			CompletableFuture<Observation> current = new CompletableFuture<>();
			context.getBean(Jobs.class).run(() -> {
				current.complete(this.observations.getCurrentObservation());
				gate.pass();
			});
			assertThat(current.get(30, TimeUnit.SECONDS)).isNotNull();
			assertStarted().doesNotHaveLowCardinalityKeyValueWithKey("outcome").isNotStopped();
			gate.open();
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
			assertObserved("run", "completed");
		});
	}

	@Test
	void jobIsObservedUntilItsFutureCompletes() {
		this.contextRunner.run((context) -> {
			CompletableFuture<String> later = new CompletableFuture<>();
			context.getBean(Jobs.class).call(() -> later);
			assertStarted().isNotStopped();
			later.complete("done");
			assertObserved("call", "completed");
		});
	}

	@Test
	void failureOfTheFutureIsObserved() {
		this.contextRunner.run((context) -> {
			CompletableFuture<String> later = new CompletableFuture<>();
			IllegalStateException failure = new IllegalStateException("Test");
			context.getBean(Jobs.class).call(() -> later);
			later.completeExceptionally(failure);
			assertObserved("call", "failed").hasError(failure);
		});
	}

	@Test
	void failureOfThePlainFutureIsObserved() {
		this.contextRunner.run((context) -> {
			IllegalStateException failure = new IllegalStateException("Test");
			FutureTask<String> later = new FutureTask<>(() -> {
				throw failure;
			});
			context.getBean(Jobs.class).call(() -> later);
			later.run();
			assertThat(JobApplication.jobs(context).getInFlight()).isZero();
			assertObserved("call", "failed").hasError(failure);
		});
	}

	@Test
	void abandonedJobIsObserved() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon()).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			context.getBean(Jobs.class).run(gate::passStubbornly);
			gate.awaitArrivals(1);
			context.close();
			assertObserved("run", "abandoned");
			gate.open();
		});
	}

	@Test
	void jobIsMeasuredByATimer() {
		MeterRegistry meters = new SimpleMeterRegistry();
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
		JobApplication.runner().withBean(ObservationRegistry.class, () -> registry).run((context) -> {
			Jobs bean = context.getBean(Jobs.class);
			assertThat(bean
				.call(() -> meters.get("background.job.active").tag("job", "call").longTaskTimer().activeTasks()))
				.isOne();
			assertThat(meters.get("background.job").tag("job", "call").tag("outcome", "completed").timer().count())
				.isOne();
		});
	}

	@Test
	void worksWithoutObservationRegistry() {
		JobApplication.runner().run((context) -> {
			assertThat(context).doesNotHaveBean(ObservationRegistry.class);
			assertThat(context.getBean(Jobs.class).call(() -> "done")).isEqualTo("done");
		});
	}

	@Test
	void jobEndsWhenItsObservationCannotBeStarted() {
		assertTrackedDespiteFailureOf(new FailingHandler() {

			@Override
			public void onStart(Observation.Context context) {
				fail();
			}

		});
	}

	@Test
	void jobEndsWhenItsObservationCannotBeStopped() {
		assertTrackedDespiteFailureOf(new FailingHandler() {

			@Override
			public void onStop(Observation.Context context) {
				fail();
			}

		});
	}

	@Test
	void jobEndsWhenItsObservationCannotBeScoped() {
		assertTrackedDespiteFailureOf(new FailingHandler() {

			@Override
			public void onScopeOpened(Observation.Context context) {
				fail();
			}

		});
	}

	@Test
	void jobEndsWhenTheScopeOfItsObservationCannotBeClosed() {
		assertTrackedDespiteFailureOf(new FailingHandler() {

			@Override
			public void onScopeClosed(Observation.Context context) {
				fail();
			}

		});
	}

	@Test
	void failedJobEndsWhenItsObservationTakesNoError() {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(new FailingHandler() {

			@Override
			public void onError(Observation.Context context) {
				fail();
			}

		});
		JobApplication.runner().withBean(ObservationRegistry.class, () -> registry).run((context) -> {
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(Jobs.class).call(() -> {
				throw new IllegalStateException("Test");
			})).withMessage("Test");
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.FAILED);
		});
	}

	private static void assertTrackedDespiteFailureOf(FailingHandler handler) {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(handler);
		JobApplication.runner().withBean(ObservationRegistry.class, () -> registry).run((context) -> {
			assertThat(context.getBean(Jobs.class).call(() -> "done")).isEqualTo("done");
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
			assertThat(registry.getCurrentObservationScope()).isNull();
		});
	}

	private TestObservationRegistryAssert.TestObservationRegistryAssertReturningObservationContextAssert assertStarted() {
		return TestObservationRegistryAssert.assertThat(this.observations)
			.hasNumberOfObservationsEqualTo(1)
			.hasObservationWithNameEqualTo("background.job")
			.that();
	}

	private TestObservationRegistryAssert.TestObservationRegistryAssertReturningObservationContextAssert assertObserved(
			String job, String outcome) {
		return assertStarted().hasLowCardinalityKeyValue("job", job)
			.hasLowCardinalityKeyValue("outcome", outcome)
			.hasBeenStopped();
	}

	abstract static class FailingHandler implements ObservationHandler<Observation.Context> {

		static void fail() {
			throw new IllegalArgumentException("The observation handler has failed");
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
