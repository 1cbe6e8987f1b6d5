package io.github.gracefulshutdown.process;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

	@ParameterizedTest
	@ValueSource(strings = { "tomcat", "jetty", "netty" })
	void behindAProxyThatAsksNoRequestFails(String server) {
		assertThat(restart(ReverseProxy.HAPROXY, ApplicationProcess.SERVER + server, "--graceful-shutdown.delay=3s"))
			.isZero();
	}

	/**
	 * What comes in the fraction of a millisecond between the last look into the backlog
	 * and the closing of the socket is reset, which is possible, but not twice.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "tomcat", "jetty", "netty" })
	void behindAProxyThatLearnsFromFailuresNoRequestFails(String server) {
		String[] arguments = { ApplicationProcess.SERVER + server, "--server.jetty.threads.acceptors=0" };
		int failed = restart(ReverseProxy.NGINX, arguments);
		assertThat((failed != 0) ? restart(ReverseProxy.NGINX, arguments) : failed).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "tomcat", "jetty", "netty" })
	void behindAProxyThatKeepsConnectionsNoRequestFails(String server) {
		assertThat(restart(ReverseProxy.NGINX_KEEP_ALIVE, ApplicationProcess.SERVER + server)).isZero();
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
