package io.github.gracefulshutdown.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Two instances behind a reverse proxy, which are restarted one after the other, while
 * clients send requests all the time, half of them GET, half of them POST. No more
 * clients and requests than leave the machine something to start an instance with: a
 * proxy whose checks time out measures that, and not the restart.
 *
 * @author The Graceful Shutdown authors
 */
final class RollingRestart implements AutoCloseable {

	/**
	 * An odd number: else a proxy that takes turns may send all that is POSTed to one
	 * instance.
	 */
	static final int CLIENTS = 25;

	static final long PAUSE_MILLIS = 20;

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private final Path directory;

	private final String[] arguments;

	private final int[] ports = { ReverseProxy.freePort(), ReverseProxy.freePort() };

	private final List<ApplicationProcess> instances = new ArrayList<>();

	private final int port = ReverseProxy.freePort();

	private @Nullable Process proxy;

	private @Nullable RawClients clients;

	private RollingRestart(Path directory, String... arguments) {
		this.directory = directory;
		this.arguments = arguments;
	}

	/**
	 * Start instances, the proxy and the clients.
	 * @param directory where they may write
	 * @param proxy the proxy
	 * @param arguments the arguments of the instances
	 * @return what is running
	 */
	static RollingRestart start(Path directory, ReverseProxy proxy, String... arguments) {
		RollingRestart restart = new RollingRestart(directory, arguments);
		try {
			restart.start(proxy);
		}
		catch (RuntimeException | Error ex) {
			restart.close();
			throw ex;
		}
		return restart;
	}

	private void start(ReverseProxy proxy) {
		IntStream.of(this.ports).parallel().mapToObj(this::startInstance).forEachOrdered(this.instances::add);
		this.proxy = proxy.start(this.directory, this.port, this.ports[0], this.ports[1]);
		this.clients = RawClients.persistent(CLIENTS, this.port, PAUSE_MILLIS);
		awaitRequests();
	}

	private ApplicationProcess startInstance(int port) {
		List<String> all = new ArrayList<>(List.of(this.arguments));
		all.add("--server.port=" + port);
		try {
			return ApplicationProcess.start(Files.createTempDirectory(this.directory, "instance"),
					all.toArray(String[]::new));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Restart each instance, one after the other: the next when requests are sent to the
	 * first one again.
	 */
	void restartAll() {
		for (int i = 0; i < this.ports.length; i++) {
			this.instances.get(i).terminate();
			this.instances.get(i).awaitExit();
			this.instances.set(i, startInstance(this.ports[i]));
			awaitRequests();
		}
	}

	private void awaitRequests() {
		for (ApplicationProcess instance : this.instances) {
			int before = instance.journal().size();
			Awaitility.await().atMost(TIMEOUT).until(() -> instance.journal().size() > before + 20);
		}
	}

	/**
	 * Return how many requests have failed.
	 * @return the number of requests
	 */
	int failed() {
		return Objects.requireNonNull(this.clients).lost();
	}

	@Override
	public String toString() {
		return String.valueOf(this.clients);
	}

	@Override
	public void close() {
		if (this.clients != null) {
			this.clients.close();
			this.clients.awaitEnd();
		}
		if (this.proxy != null) {
			this.proxy.destroy();
		}
		this.instances.forEach(ApplicationProcess::close);
	}

}
