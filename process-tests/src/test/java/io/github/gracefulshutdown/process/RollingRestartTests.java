package io.github.gracefulshutdown.process;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Requests while two instances behind real reverse proxies are restarted one after the
 * other. Restarts behind proxies of the same kind are not run side by side, because the
 * clients of each use a good part of the machine.
 *
 * @author The Graceful Shutdown authors
 */
class RollingRestartTests {

	@TempDir
	private Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "tomcat", "jetty", "netty" })
	@ResourceLock("haproxy")
	void behindAProxyThatAsksNoRequestFails(String server) {
		assertThat(restart(EnumSet.of(ReverseProxy.HAPROXY), ApplicationProcess.SERVER + server,
				"--graceful-shutdown.delay=3s"))
			.containsEntry(ReverseProxy.HAPROXY, 0);
	}

	/**
	 * A connection that comes in the fraction of a millisecond between the last look into
	 * the backlog and the closing of the socket is reset. That is possible, but not
	 * twice.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "tomcat", "jetty", "netty" })
	@ResourceLock("nginx")
	void behindProxiesThatLearnFromFailuresNoRequestFails(String server) {
		String[] arguments = { ApplicationProcess.SERVER + server, "--server.jetty.threads.acceptors=0" };
		Map<ReverseProxy, Integer> failed = restart(EnumSet.of(ReverseProxy.NGINX, ReverseProxy.NGINX_KEEP_ALIVE),
				arguments);
		assertThat(failed).containsEntry(ReverseProxy.NGINX_KEEP_ALIVE, 0);
		if (!Integer.valueOf(0).equals(failed.get(ReverseProxy.NGINX))) {
			assertThat(restart(EnumSet.of(ReverseProxy.NGINX), arguments)).containsEntry(ReverseProxy.NGINX, 0);
		}
	}

	@Test
	@ResourceLock("nginx")
	void behindAProxyThatKeepsConnectionsNoRequestToDefaultJettyFails() {
		assertThat(restart(EnumSet.of(ReverseProxy.NGINX_KEEP_ALIVE), ApplicationProcess.SERVER + "jetty"))
			.containsEntry(ReverseProxy.NGINX_KEEP_ALIVE, 0);
	}

	/**
	 * How many do is a matter of chance.
	 */
	@Test
	void withoutTheStarterRequestsFail() {
		assumeInstalled(ReverseProxy.HAPROXY);
		try (RollingRestart restart = RollingRestart.start(this.directory, EnumSet.of(ReverseProxy.HAPROXY),
				ApplicationProcess.WITHOUT_STARTER)) {
			for (int i = 0; i < 5 && restart.failed(ReverseProxy.HAPROXY) == 0; i++) {
				restart.restartAll();
			}
			assertThat(restart.failed(ReverseProxy.HAPROXY)).as(restart.toString()).isPositive();
		}
	}

	private Map<ReverseProxy, Integer> restart(Set<ReverseProxy> proxies, String... arguments) {
		proxies.forEach(RollingRestartTests::assumeInstalled);
		try (RollingRestart restart = RollingRestart.start(this.directory, proxies, arguments)) {
			restart.restartAll();
			System.out.printf("measured: rolling restart, %s: %s%n", String.join(" ", arguments), restart);
			return proxies.stream().collect(Collectors.toMap(Function.identity(), restart::failed));
		}
	}

	private static void assumeInstalled(ReverseProxy proxy) {
		assumeThat(proxy.isInstalled()).as(proxy + " is installed").isTrue();
	}

}
