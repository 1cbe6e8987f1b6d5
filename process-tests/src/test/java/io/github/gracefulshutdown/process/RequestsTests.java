package io.github.gracefulshutdown.process;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of requests on SIGTERM.
 *
 * @author The Graceful Shutdown authors
 */
class RequestsTests {

	private static final int CLIENTS = 32;

	@TempDir
	private Path directory;

	@ParameterizedTest
	@CsvSource({ "tomcat, 0", "tomcat, 50", "tomcat, 500", "jetty, 0", "jetty, 50", "jetty, 500", "netty, 0",
			"netty, 50", "netty, 500" })
	void noRequestOnAnEstablishedConnectionIsLost(String server, long pauseMillis) {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory,
				ApplicationProcess.SERVER + server)) {
			RawClients clients = terminateUnderLoad(application, server, pauseMillis);
			assertThat(clients.lost()).as(clients.toString()).isZero();
			assertThat(clients.toldToClose()).as(clients.toString()).isEqualTo(CLIENTS);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "tomcat", "netty" })
	void withoutTheStarterRequestsOnEstablishedConnectionsAreLost(String server) {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory,
				ApplicationProcess.SERVER + server, ApplicationProcess.WITHOUT_STARTER)) {
			assertThat(terminateUnderLoad(application, server, 50).lost()).isPositive();
		}
	}

	private RawClients terminateUnderLoad(ApplicationProcess application, String server, long pauseMillis) {
		try (RawClients clients = RawClients.keepAlive(CLIENTS, application.port(), pauseMillis)) {
			var slow = application.get("/slow?duration=3000");
			clients.awaitResponses(CLIENTS * 4);
			application.terminate();
			assertThat(slow.join().body()).isEqualTo("slow");
			clients.awaitEnd();
			application.awaitExit();
			System.out.printf("measured: %s, %d connections, pause %d ms: %s%n", server, CLIENTS, pauseMillis, clients);
			return clients;
		}
	}

	@Test
	void newConnectionsAreServedDuringTheDelayAndToldToClose() {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory,
				"--graceful-shutdown.delay=3s")) {
			application.terminate();
			application.awaitOutput("Shutting down");
			try (RawClients clients = RawClients.keepAlive(4, application.port(), 0)) {
				clients.awaitEnd();
				assertThat(clients.lost()).isZero();
				assertThat(clients.toldToClose()).isEqualTo(4);
			}
			application.awaitExit();
		}
	}

}
