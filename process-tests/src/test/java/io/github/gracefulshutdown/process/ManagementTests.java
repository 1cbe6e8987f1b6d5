package io.github.gracefulshutdown.process;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The management endpoints during the drain, one of which starts it.
 *
 * @author The Graceful Shutdown authors
 */
class ManagementTests {

	@TempDir
	private Path directory;

	@Test
	void aSeparateManagementPortAnswersDuringTheDrain() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, "--management.server.port=0")) {
			int port = application.lastPort();
			assertThat(port).isNotEqualTo(application.port());
			application.startJobs(1, 8000);
			application.terminate();
			application.awaitOutput("Shutting down");
			var health = application.get(port, "/actuator/health").join();
			assertThat(health.statusCode()).isEqualTo(503);
			assertThat(application.get(port, "/actuator/health/readiness").join().statusCode()).isEqualTo(503);
			assertThat(application.get(port, "/actuator/health/liveness").join().statusCode()).isEqualTo(200);
			assertThat(application.get(port, "/actuator/metrics/graceful.shutdown.inflight").join().body())
				.contains("\"value\":1.0");
			assertThat(application.get(port, "/actuator/drain").join().body()).contains("\"state\":\"DRAINING\"")
				.contains("\"name\":\"timed\"");
			application.awaitExit();
			assertThat(application.journal()).hasSize(1);
		}
	}

	@Test
	void theShutdownEndpointDrainsAndASignalJoins() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory,
				"--management.endpoint.shutdown.access=unrestricted")) {
			application.startJobs(8, 3000);
			assertThat(application.post("/actuator/shutdown").join().statusCode()).isEqualTo(200);
			application.awaitOutput("Shutting down (actuator shutdown endpoint)");
			application.terminate();
			application.awaitExit();
			assertThat(application.journal()).hasSize(8);
			assertThat(application.output()).containsOnlyOnce("Shutting down (").containsOnlyOnce("Drained after");
		}
	}

	@Test
	void theShutdownEndpointEndsTheProcess() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory,
				"--management.endpoint.shutdown.access=unrestricted")) {
			application.startJobs(8, 1000);
			application.post("/actuator/shutdown").join();
			application.awaitExit();
			assertThat(application.exitValue()).isZero();
			assertThat(application.journal()).hasSize(8);
		}
	}

}
