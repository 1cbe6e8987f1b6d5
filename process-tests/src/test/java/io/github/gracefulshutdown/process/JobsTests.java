package io.github.gracefulshutdown.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Background jobs on SIGTERM.
 *
 * @author The Graceful Shutdown authors
 */
class JobsTests {

	private static final String WITHOUT_WEB_SERVER = "--spring.main.web-application-type=none";

	@TempDir
	private Path directory;

	@Test
	void queuedJobsOfOneThreadAreFinished() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, ApplicationProcess.ONE_THREAD)) {
			application.startJobs(40, 300);
			application.terminate();
			application.awaitExit();
			report(application, "with");
			assertThat(application.journal()).hasSize(40).doesNotHaveDuplicates();
			assertThat(application.output()).contains("Drained after").contains("0 abandoned");
			assertThat(application.exitValue()).isEqualTo(143);
		}
	}

	@Test
	void withoutTheStarterQueuedJobsAreLost() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, ApplicationProcess.ONE_THREAD,
				ApplicationProcess.WITHOUT_STARTER)) {
			application.startJobs(40, 300);
			application.terminate();
			application.awaitExit();
			report(application, "without");
			assertThat(application.journal()).hasSizeLessThan(40);
		}
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void jobsOnVirtualThreadsAreFinished() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory,
				ApplicationProcess.VIRTUAL_THREADS)) {
			application.startJobs(40, 2000);
			application.terminate();
			application.awaitExit();
			report(application, "with");
			assertThat(application.journal()).hasSize(40).doesNotHaveDuplicates();
		}
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void withoutTheStarterJobsOnVirtualThreadsAreLost() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory,
				ApplicationProcess.VIRTUAL_THREADS, ApplicationProcess.WITHOUT_STARTER)) {
			application.startJobs(40, 2000);
			application.terminate();
			application.awaitExit();
			report(application, "without");
			assertThat(application.journal()).hasSizeLessThan(40);
		}
	}

	private static void report(ApplicationProcess application, String starter) {
		System.out.printf("measured: 40 jobs %s the starter: %d finished%n", starter, application.journal().size());
	}

	@Test
	void aRequestInFlightMayStartAJobAfterTheSignal() {
		startsAJobAfterTheSignal();
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void aRequestInFlightOnAVirtualThreadMayStartAJobAfterTheSignal() {
		startsAJobAfterTheSignal(ApplicationProcess.VIRTUAL_THREADS);
	}

	private void startsAJobAfterTheSignal(String... arguments) {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, arguments)) {
			var response = application.post("/late-job?id=late&delay=1500&duration=1000");
			application.awaitInFlight("POST /late-job");
			application.terminate();
			assertThat(response.join().statusCode()).isEqualTo(202);
			application.awaitExit();
			assertThat(application.journal()).containsExactly("late");
		}
	}

	@Test
	void jobsOfAWorkerWithoutWebServerAreFinished() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, ApplicationProcess.ONE_THREAD,
				WITHOUT_WEB_SERVER, "--worker.jobs=5")) {
			application.terminate();
			application.awaitExit();
			assertThat(application.journal()).hasSize(5);
			assertThat(application.output()).contains("Drained after").doesNotContain("requests");
		}
	}

	@ParameterizedTest
	@CsvSource({ "--failing.runner=1, 1", "--failing.bean=7, 7" })
	void aJobOfAStartThatFailsIsFinishedAndTheExitCodeIsKept(String failing, int exitCode) {
		assertThat(exitCode(failing, WITHOUT_WEB_SERVER)).isEqualTo(exitCode);
		assertThat(this.directory.resolve("journal")).hasContent("job");
		assertThat(exitCode(failing, WITHOUT_WEB_SERVER, ApplicationProcess.WITHOUT_STARTER)).isEqualTo(exitCode);
	}

	private int exitCode(String... arguments) {
		try (ApplicationProcess application = ApplicationProcess.begin(this.directory, List.of(arguments))) {
			application.awaitExit();
			assertThat(application.output()).contains("The start fails");
			return application.exitValue();
		}
	}

	@Test
	void jobsThatCannotBeFinishedInTimeAreNamedAndNotBegun() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, ApplicationProcess.ONE_THREAD,
				"--graceful-shutdown.grace-period=3s", "--graceful-shutdown.cancel-before-deadline=0s")) {
			application.startJobs(5, 60_000);
			application.terminate();
			assertThat(application.awaitExit()).isLessThan(Duration.ofSeconds(20));
			assertThat(application.journal()).isEmpty();
			assertThat(application.output()).containsPattern("jobs 5 at the signal.* [1-5] abandoned")
				.containsPattern("Abandoned \\d of jobs: timed \\(queued\\)");
		}
	}

}
