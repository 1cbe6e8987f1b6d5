package io.github.gracefulshutdown.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests on SIGTERM.
 *
 * @author The Graceful Shutdown authors
 */
class RequestsTests {

	/**
	 * The number of clients for each pause.
	 */
	private static final int CLIENTS = 32;

	/**
	 * In milliseconds. Clients without a pause begin last, because they use the whole
	 * machine.
	 */
	private static final List<Long> PAUSES = List.of(500L, 50L, 0L);

	@TempDir
	private Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "tomcat", "jetty", "netty" })
	void noRequestOnAnEstablishedConnectionIsLost(String server) {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory,
				ApplicationProcess.SERVER + server)) {
			assertThat(terminateUnderLoad(application, server, PAUSES)).allSatisfy((clients) -> {
				assertThat(clients.lost()).as(clients.toString()).isZero();
				assertThat(clients.toldToClose()).as(clients.toString()).isEqualTo(CLIENTS);
			});
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "tomcat", "netty" })
	void withoutTheStarterRequestsOnEstablishedConnectionsAreLost(String server) {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory,
				ApplicationProcess.SERVER + server, ApplicationProcess.WITHOUT_STARTER)) {
			assertThat(terminateUnderLoad(application, server, List.of(50L)).get(0).lost()).isPositive();
		}
	}

	private List<RawClients> terminateUnderLoad(ApplicationProcess application, String server, List<Long> pauses) {
		List<RawClients> all = new ArrayList<>();
		try {
			for (long pause : pauses) {
				RawClients clients = RawClients.keepAlive(CLIENTS, application.port(), pause);
				all.add(clients);
				clients.awaitResponses(CLIENTS * 4);
			}
			var slow = application.get("/slow?duration=2000");
			application.awaitOutput("slow begins");
			application.terminate();
			assertThat(slow.join().body()).isEqualTo("slow");
			all.forEach(RawClients::awaitEnd);
			application.awaitExit();
			System.out.printf("measured: %s, %d connections each with pauses of %s ms: %s%n", server, CLIENTS, pauses,
					all);
			return all;
		}
		finally {
			all.forEach(RawClients::close);
		}
	}

	/**
	 * A connection that comes in the fraction of a millisecond between the last look into
	 * the backlog and the closing of the socket is reset. That is possible, but not
	 * twice.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "tomcat", "jetty", "netty" })
	void noRequestOnANewConnectionIsLost(String server) {
		int lost = terminateUnderConnections(server);
		if (lost > 0) {
			assertThat(lost + terminateUnderConnections(server)).isEqualTo(1);
		}
	}

	private int terminateUnderConnections(String server) {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory,
				ApplicationProcess.SERVER + server, "--server.jetty.threads.acceptors=0");
				RawClients clients = RawClients.connecting(8, application.port())) {
			clients.awaitResponses(500);
			application.terminate();
			clients.awaitEnd();
			application.awaitExit();
			System.out.printf("measured: %s, 8 clients that connect for each request: %s%n", server, clients);
			return clients.lost();
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
