package io.github.gracefulshutdown.process;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

/**
 * SIGTERM and SIGINT, and the shutdown hooks of the JVM.
 *
 * @author The Graceful Shutdown authors
 */
class SignalsTests {

	private static final String LIBRARY = "--library.hook=true";

	@TempDir
	private Path directory;

	@Test
	void jobsAreFinishedBeforeALibraryClosesItselfByAHook() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, ApplicationProcess.ONE_THREAD,
				LIBRARY)) {
			application.startJobs(3, 300);
			application.terminate();
			application.awaitExit();
			assertThat(application.journal()).containsExactly("job-0", "job-1", "job-2", "library closed");
			// There is only one application, so it is not named
			assertThat(application.output()).contains(" : Shutting down (SIGTERM): ").containsOnlyOnce("Closed ");
			assertThat(application.exitValue()).isEqualTo(143);
		}
	}

	@Test
	void ifSwitchedOffTheLibraryClosesItselfBesideTheJobs() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, ApplicationProcess.ONE_THREAD,
				LIBRARY, "--graceful-shutdown.before-jvm-hooks=false")) {
			application.startJobs(3, 1000);
			application.terminate();
			application.awaitExit();
			assertThat(application.journal()).hasSize(4).last().isNotEqualTo("library closed");
			assertThat(application.exitValue()).isEqualTo(143);
		}
	}

	@Test
	void aSecondSigtermStartsNothing() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, ApplicationProcess.ONE_THREAD,
				LIBRARY)) {
			application.startJobs(5, 500);
			application.terminate();
			application.awaitOutput("Shutting down (SIGTERM)");
			application.terminate();
			application.awaitExit();
			assertThat(application.journal()).hasSize(6).last().isEqualTo("library closed");
			assertThat(application.output()).containsOnlyOnce("Shutting down (");
			assertThat(application.exitValue()).isEqualTo(143);
		}
	}

	@Test
	void sigintDrainsToo() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, ApplicationProcess.ONE_THREAD)) {
			assumeFalse(application.ignoresInterrupts());
			application.startJobs(3, 300);
			application.interrupt();
			application.awaitExit();
			assertThat(application.journal()).hasSize(3);
			assertThat(application.output()).contains("Shutting down (SIGINT): ");
			assertThat(application.exitValue()).isEqualTo(130);
		}
	}

	@Test
	void aSecondSigintEndsTheProcessAtOnce() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, ApplicationProcess.ONE_THREAD,
				LIBRARY)) {
			assumeFalse(application.ignoresInterrupts());
			application.startJobs(2, 60_000);
			application.interrupt();
			application.awaitOutput("Shutting down (SIGINT)");
			Awaitility.await().until(() -> {
				application.interrupt();
				return application.hasExited();
			});
			assertThat(application.journal()).isEmpty();
			assertThat(application.output()).contains("A second SIGINT halts the JVM")
				.containsPattern("Lost: 2 jobs \\(timed running for .*; timed queued for");
			assertThat(application.exitValue()).isEqualTo(130);
		}
	}

	@Test
	void theDeadlineOfASignalDuringTheStartCountsFromTheSignal() {
		try (ApplicationProcess application = ApplicationProcess.begin(this.directory,
				List.of("--slow.start=3000", "--graceful-shutdown.grace-period=8s"))) {
			application.awaitJournal("slow start");
			application.terminate();
			application.awaitExit();
			Matcher deadline = Pattern.compile("Shutting down \\(SIGTERM\\): .*?, (-?[0-9.]+) s until the deadline")
				.matcher(application.output());
			assertThat(deadline.find()).as(application.output()).isTrue();
			assertThat(Double.parseDouble(deadline.group(1))).isLessThan(5);
			assertThat(application.exitValue()).isEqualTo(143);
		}
	}

}
