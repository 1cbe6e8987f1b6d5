package io.github.gracefulshutdown.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The whole shutdown stays inside the grace period. The application is the executable jar
 * with the defaults of the JVM, as users run it.
 *
 * @author The Graceful Shutdown authors
 */
class DeadlineTests {

	private static final Duration GRACE_PERIOD = Duration.ofSeconds(8);

	@TempDir
	private Path directory;

	@Test
	void stuckRequestAndJobAreNamedAndDoNotOutliveTheGracePeriod() {
		stuck("--spring.task.execution.shutdown.await-termination=true",
				"--spring.task.execution.shutdown.await-termination-period=60s");
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void stuckRequestAndJobOnVirtualThreadsAreNamedAndDoNotOutliveTheGracePeriod() {
		stuck(ApplicationProcess.VIRTUAL_THREADS, "--spring.task.execution.shutdown.await-termination=true",
				"--spring.task.execution.shutdown.await-termination-period=60s");
	}

	private void stuck(String... arguments) {
		String[] all = Arrays.copyOf(arguments, arguments.length + 1);
		all[arguments.length] = "--graceful-shutdown.grace-period=" + GRACE_PERIOD.toSeconds() + "s";
		try (ApplicationProcess application = ApplicationProcess.startJar(this.directory, all)) {
			var response = application.get("/stuck");
			application.post("/stuck-job").join();
			application.awaitInFlight("GET /stuck");
			application.terminate();
			assertThat(application.awaitExit()).isLessThanOrEqualTo(GRACE_PERIOD);
			assertThat(response).isCompletedExceptionally();
			assertThat(application.output()).contains("Waiting for 1 request (GET /stuck running for")
				.contains("Interrupting 1 request (GET /stuck running for")
				.contains("Abandoned requests: GET /stuck, running")
				.contains("at io.github.gracefulshutdown.process.ProcessTestController.stuck")
				.contains("Abandoned jobs: stuck-job, running")
				.contains("at io.github.gracefulshutdown.process.Jobs.stuck");
		}
	}

	@Test
	void withoutWorkTheProcessEndsAtOnceWithOneLine() {
		try (ApplicationProcess application = ApplicationProcess.startJar(this.directory)) {
			application.terminate();
			assertThat(application.awaitExit()).isLessThan(Duration.ofSeconds(10));
			assertThat(application.output()).contains("nothing in flight")
				.doesNotContain("Drained after")
				.doesNotContain("after the signal");
		}
	}

}
