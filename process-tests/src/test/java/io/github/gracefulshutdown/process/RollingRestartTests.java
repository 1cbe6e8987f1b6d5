package io.github.gracefulshutdown.process;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * What becomes of requests when two instances behind a real reverse proxy are restarted
 * one after the other.
 *
 * @author The Graceful Shutdown authors
 */
class RollingRestartTests {

	@TempDir
	private Path directory;

	/**
	 * Behind a proxy that learns from failures only, this is promised for Tomcat, which
	 * serves its backlog before it closes its socket.
	 */
	@ParameterizedTest
	@CsvSource({ "HAPROXY, tomcat, 3s", "HAPROXY, jetty, 3s", "HAPROXY, netty, 3s", "NGINX, tomcat, 0s" })
	void noRequestFails(ReverseProxy proxy, String server, String delay) {
		assertThat(restart(proxy, ApplicationProcess.SERVER + server, "--graceful-shutdown.delay=" + delay)).isZero();
	}

	/**
	 * How many do is a matter of chance.
	 */
	@Test
	void withoutTheStarterRequestsFail() {
		int failed = 0;
		for (int i = 0; i < 5 && failed == 0; i++) {
			failed = restart(ReverseProxy.HAPROXY, ApplicationProcess.WITHOUT_STARTER);
		}
		assertThat(failed).isPositive();
	}

	private int restart(ReverseProxy proxy, String... arguments) {
		assumeThat(proxy.isInstalled()).as(proxy + " is installed").isTrue();
		try (RollingRestart restart = RollingRestart.start(this.directory, proxy, arguments)) {
			restart.restartAll();
			System.out.printf("measured: rolling restart behind %s, %s: %s%n", proxy, String.join(" ", arguments),
					restart);
			return restart.failed();
		}
	}

}
