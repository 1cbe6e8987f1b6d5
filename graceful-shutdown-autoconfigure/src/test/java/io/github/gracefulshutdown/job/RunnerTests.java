package io.github.gracefulshutdown.job;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.autoconfigure.BackgroundJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Tests for runners, and for listeners to {@link ApplicationReadyEvent}.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class RunnerTests {

	@ParameterizedTest
	@CsvSource({ "LetterRunner, LetterRunner.run", "LambdaConfiguration, LambdaConfiguration.importer",
			"ReadyListener, ReadyListener.importLetters" })
	void aRunnerIsWaitedForUnderItsName(String type, String name) {
		Start start = new Start(Stream.of(RunnerTests.class.getDeclaredClasses())
			.filter((candidate) -> candidate.getSimpleName().equals(type))
			.findFirst()
			.orElseThrow());
		JobWorkload jobs = start.jobs();
		start.gate().awaitArrivals(1);
		assertThat(jobs.describe(10)).singleElement().satisfies((job) -> {
			assertThat(job.name()).isEqualTo(name);
			assertThat(job.state()).isEqualTo(WorkState.RUNNING);
		});
		JobApplication application = JobApplication.of(start.context());
		application.onDrainStarted(start.gate()::open);
		start.context().close();
		start.join();
		JobApplication.assertOutcomes(jobs, WorkState.COMPLETED);
		assertThat(application.report().state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void aRunnerKnowsOfTheShutdown() {
		Start start = new Start(StoppableRunner.class);
		StoppableRunner runner = start.context().getBean(StoppableRunner.class);
		runner.begun.join();
		start.context().close();
		assertThat(runner.stopped).isCompleted();
		start.join();
	}

	@Test
	void nothingIsInFlightWhenTheApplicationIsReady() {
		Start start = new Start(LetterRunner.class);
		start.gate().open();
		start.join();
		JobApplication.assertOutcomes(start.jobs(), WorkState.COMPLETED);
		start.context().close();
	}

	@Test
	void theContextOfTheRunnersDoesNotOutliveThem() {
		ConfigurableApplicationContext context = Start.application(AnyListener.class).run();
		assertThat(JobContext.current()).isSameAs(NoJob.INSTANCE);
		context.close();
	}

	@ParameterizedTest
	@ValueSource(classes = { ClosingRunner.class, FailingReadyListener.class })
	void theContextOfTheRunnersDoesNotOutliveAnApplicationThatDoesNotBecomeReady(Class<?> type) {
		assertThat(catchThrowable(() -> Start.application(type).run()))
			.satisfiesAnyOf((none) -> assertThat(none).isNull(), (failure) -> assertThat(failure).hasMessage("Test"));
		assertThat(JobContext.current()).isSameAs(NoJob.INSTANCE);
	}

	@Test
	void aRunnerThatFailsIsAFailedJob() {
		Start start = new Start(FailingRunner.class);
		JobWorkload jobs = start.jobs();
		start.join();
		JobApplication.assertOutcomes(jobs, WorkState.FAILED);
	}

	@Test
	void aRunnerIsNoJobIfRunnersAreNotTracked() {
		Start start = new Start("graceful-shutdown.jobs.track-runners=false", LetterRunner.class);
		start.gate().awaitArrivals(1);
		assertThat(start.jobs().getInFlight()).isZero();
		start.gate().open();
		start.join();
		start.context().close();
	}

	@Test
	void aRunnerThatNeverEndsIsInterruptedSoonIfOnlyTheContextIsClosed(CapturedOutput output) {
		Start start = new Start("graceful-shutdown.grace-period=1h", LetterRunner.class);
		JobWorkload jobs = start.jobs();
		start.gate().awaitArrivals(1);
		JobApplication application = JobApplication.of(start.context());
		start.context().close();
		start.join();
		DrainReport report = application.report();
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		JobApplication.assertOutcomes(jobs, WorkState.CANCELLED);
		assertThat(output).contains("Interrupting LetterRunner.run: it began before the application was ready");
	}

	@Test
	void aRunnerThatNeverEndsIsOnlyNamedInAShutdown(CapturedOutput output) {
		Start start = new Start(LetterRunner.class);
		JobWorkload jobs = start.jobs();
		Gate gate = start.gate();
		gate.awaitArrivals(1);
		CompletableFuture<DrainReport> report = start.context()
			.getBean(GracefulShutdown.class)
			.shutdown("test")
			.toCompletableFuture();
		await().until(() -> output.toString()
			.contains("Waiting for LetterRunner.run: it began before the application was ready"));
		gate.open();
		start.join();
		assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
		JobApplication.assertOutcomes(jobs, WorkState.COMPLETED);
	}

	@ParameterizedTest
	@ValueSource(classes = { Gate.class, ListenerToAnotherEvent.class })
	void aStartWithoutCodeOfTheApplicationIsNoJob(Class<?> type) {
		Start start = new Start(type);
		start.join();
		JobApplication.assertOutcomes(start.jobs());
		start.context().close();
	}

	@ParameterizedTest
	@ValueSource(classes = { ReadyListener.class, AnyListener.class, LazyListener.class })
	void aListenerMakesTheStartAJob(Class<?> type) {
		Start start = new Start(type);
		start.gate().open();
		start.join();
		JobApplication.assertOutcomes(start.jobs(), WorkState.COMPLETED);
		start.context().close();
	}

	@Test
	void aListenerInTheParentMakesTheStartAJob() {
		try (ConfigurableApplicationContext parent = new SpringApplicationBuilder(AnyListener.class)
			.web(WebApplicationType.NONE)
			.run();
				ConfigurableApplicationContext child = new SpringApplicationBuilder(Application.class)
					.web(WebApplicationType.NONE)
					.parent(parent)
					.run()) {
			JobApplication.assertOutcomes(JobApplication.jobs(child), WorkState.COMPLETED);
		}
	}

	/**
	 * The start of an application, on its own thread.
	 */
	private static final class Start {

		private final CompletableFuture<ConfigurableApplicationContext> context = new CompletableFuture<>();

		private final CompletableFuture<JobWorkload> jobs = new CompletableFuture<>();

		private final Thread thread;

		Start(Class<?> type) {
			this("test=true", type);
		}

		Start(String property, Class<?> type) {
			this.thread = new Thread(() -> application(type).properties(property).listeners(new Started(this)).run(),
					"starter");
			this.thread.setUncaughtExceptionHandler((thread, ex) -> {
			});
			this.thread.start();
		}

		static SpringApplicationBuilder application(Class<?> type) {
			return new SpringApplicationBuilder(Application.class, type).web(WebApplicationType.NONE);
		}

		private void started(ConfigurableApplicationContext context) {
			this.jobs.complete(JobApplication.jobs(context));
			this.context.complete(context);
		}

		ConfigurableApplicationContext context() {
			return this.context.orTimeout(30, TimeUnit.SECONDS).join();
		}

		Gate gate() {
			return context().getBean(Gate.class);
		}

		JobWorkload jobs() {
			return this.jobs.orTimeout(30, TimeUnit.SECONDS).join();
		}

		void join() {
			try {
				this.thread.join(Gate.LIMIT.toMillis());
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			assertThat(this.thread.isAlive()).isFalse();
		}

	}

	private record Started(Start start) implements ApplicationListener<ApplicationStartedEvent> {

		@Override
		public void onApplicationEvent(ApplicationStartedEvent event) {
			this.start.started(event.getApplicationContext());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
			GracefulShutdownAutoConfiguration.class, BackgroundJobAutoConfiguration.class })
	@Import({ JobApplication.class, Gate.class })
	static class Application {

	}

	static class LetterRunner implements ApplicationRunner {

		private final Gate gate;

		LetterRunner(Gate gate) {
			this.gate = gate;
		}

		@Override
		public void run(ApplicationArguments arguments) throws InterruptedException {
			this.gate.pass();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LambdaConfiguration {

		@Bean
		CommandLineRunner importer(Gate gate) {
			return (arguments) -> gate.pass();
		}

	}

	static class ReadyListener {

		private final Gate gate;

		ReadyListener(Gate gate) {
			this.gate = gate;
		}

		@EventListener
		void importLetters(ApplicationReadyEvent event) throws InterruptedException {
			this.gate.pass();
		}

	}

	static class AnyListener implements ApplicationListener<ApplicationEvent> {

		@Override
		public void onApplicationEvent(ApplicationEvent event) {
		}

	}

	@Lazy
	static class LazyListener extends AnyListener {

	}

	static class ListenerToAnotherEvent implements ApplicationListener<ContextClosedEvent> {

		@Override
		public void onApplicationEvent(ContextClosedEvent event) {
		}

	}

	static class FailingRunner implements CommandLineRunner {

		@Override
		public void run(String... arguments) {
			throw new IllegalStateException("Test");
		}

	}

	record ClosingRunner(ConfigurableApplicationContext context) implements CommandLineRunner {

		@Override
		public void run(String... arguments) {
			this.context.close();
		}

	}

	static class FailingReadyListener {

		@EventListener
		void fail(ApplicationReadyEvent event) {
			throw new IllegalStateException("Test");
		}

	}

	static class StoppableRunner implements CommandLineRunner {

		final CompletableFuture<Void> begun = new CompletableFuture<>();

		final CompletableFuture<Void> stopped = new CompletableFuture<>();

		@Override
		public void run(String... arguments) throws InterruptedException {
			JobContext job = JobContext.current();
			this.begun.complete(null);
			while (!job.isStopping()) {
				job.sleep(Gate.LIMIT);
			}
			this.stopped.complete(null);
		}

	}

}
