package io.github.gracefulshutdown.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

import org.awaitility.Awaitility;

/**
 * Two instances behind reverse proxies, which are restarted one after the other, while
 * clients send requests all the time, half of them GET, half of them POST. They are slow
 * while an instance starts: it needs the machine, and a proxy whose checks time out would
 * measure that, and not the restart.
 *
 * @author The Graceful Shutdown authors
 */
final class RollingRestart implements AutoCloseable {

	/**
	 * The number of clients of one proxy. It is odd: else a proxy that takes turns may
	 * send all that is POSTed to one instance.
	 */
	static final int CLIENTS = 25;

	static final long PAUSE_MILLIS = 40;

	private static final long PAUSE_MILLIS_DURING_START = 400;

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private final Path directory;

	private final String[] arguments;

	private final int[] ports = { FreePort.next(), FreePort.next() };

	private final List<ApplicationProcess> instances = new ArrayList<>();

	private final Map<ReverseProxy, Process> proxies = new EnumMap<>(ReverseProxy.class);

	private final Map<ReverseProxy, RawClients> clients = new EnumMap<>(ReverseProxy.class);

	private RollingRestart(Path directory, String... arguments) {
		this.directory = directory;
		this.arguments = arguments;
	}

	/**
	 * Start instances, the proxies and the clients.
	 * @param directory where they may write
	 * @param proxies the proxies, each with its share of the clients
	 * @param arguments the arguments of the instances
	 * @return the running instances
	 */
	static RollingRestart start(Path directory, Set<ReverseProxy> proxies, String... arguments) {
		RollingRestart restart = new RollingRestart(directory, arguments);
		try {
			restart.start(proxies);
		}
		catch (IOException ex) {
			restart.close();
			throw new UncheckedIOException(ex);
		}
		catch (RuntimeException | Error ex) {
			restart.close();
			throw ex;
		}
		return restart;
	}

	private void start(Set<ReverseProxy> proxies) throws IOException {
		IntStream.of(this.ports).mapToObj(this::startInstance).forEachOrdered(this.instances::add);
		for (ReverseProxy proxy : proxies) {
			int port = FreePort.next();
			Path proxyDirectory = Files.createTempDirectory(this.directory, "proxy");
			this.proxies.put(proxy, proxy.start(proxyDirectory, port, this.ports[0], this.ports[1]));
			this.clients.put(proxy,
					RawClients.persistent((CLIENTS / proxies.size()) | 1, port, PAUSE_MILLIS, proxy.name()));
		}
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
			this.clients.values().forEach((clients) -> clients.setPauseMillis(PAUSE_MILLIS_DURING_START));
			this.instances.set(i, startInstance(this.ports[i]));
			awaitRequests();
			this.clients.values().forEach((clients) -> clients.setPauseMillis(PAUSE_MILLIS));
			awaitRequests();
		}
	}

	private void awaitRequests() {
		for (ApplicationProcess instance : this.instances) {
			for (ReverseProxy proxy : this.proxies.keySet()) {
				long before = requests(instance, proxy);
				Awaitility.await().atMost(TIMEOUT).until(() -> requests(instance, proxy) > before + 20);
			}
		}
	}

	private static long requests(ApplicationProcess instance, ReverseProxy proxy) {
		return instance.journal().stream().filter(proxy.name()::equals).count();
	}

	/**
	 * Return how many requests have failed.
	 * @param proxy the proxy that they were sent to
	 * @return the number of requests
	 */
	int failed(ReverseProxy proxy) {
		return Objects.requireNonNull(this.clients.get(proxy)).lost();
	}

	@Override
	public String toString() {
		return this.clients.toString();
	}

	@Override
	public void close() {
		this.clients.values().forEach(RawClients::close);
		this.clients.values().forEach(RawClients::awaitEnd);
		this.proxies.values().forEach(Process::destroy);
		this.instances.forEach(ApplicationProcess::close);
	}

}
