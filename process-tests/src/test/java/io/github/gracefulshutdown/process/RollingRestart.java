package io.github.gracefulshutdown.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Two instances behind a reverse proxy, which are restarted one after the other, while
 * clients send requests all the time, half of them GET, half of them POST. As few clients
 * and requests as do not keep the machine busy: a proxy whose checks time out measures
 * that, and not the restart.
 *
 * @author The Graceful Shutdown authors
 */
final class RollingRestart implements AutoCloseable {

	private static final int CLIENTS = 4;

	private static final long PAUSE_MILLIS = 20;

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private final Path directory;

	private final String[] arguments;

	private final int[] ports = { ReverseProxy.freePort(), ReverseProxy.freePort() };

	private final List<ApplicationProcess> instances = new ArrayList<>();

	private final Process proxy;

	private final int port = ReverseProxy.freePort();

	private final List<Thread> clients;

	private final CountDownLatch over = new CountDownLatch(1);

	private final AtomicInteger answered = new AtomicInteger();

	private final Map<String, Integer> failures = new ConcurrentHashMap<>();

	private RollingRestart(Path directory, ReverseProxy proxy, String... arguments) {
		this.directory = directory;
		this.arguments = arguments;
		IntStream.of(this.ports).parallel().mapToObj(this::startInstance).forEachOrdered(this.instances::add);
		this.proxy = proxy.start(directory, this.port, this.ports[0], this.ports[1]);
		HttpClient client = HttpClient.newHttpClient();
		Awaitility.await().atMost(TIMEOUT).ignoreExceptions().until(() -> send(client, true) == 200);
		this.clients = IntStream.range(0, CLIENTS).mapToObj((i) -> new Thread(this::send, "client-" + i)).toList();
		this.clients.forEach(Thread::start);
		awaitRequests();
	}

	/**
	 * Start instances, the proxy and the clients.
	 * @param directory where they may write
	 * @param proxy the proxy
	 * @param arguments the arguments of the instances
	 * @return what is running
	 */
	static RollingRestart start(Path directory, ReverseProxy proxy, String... arguments) {
		return new RollingRestart(directory, proxy, arguments);
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

	private void send() {
		HttpClient client = HttpClient.newHttpClient();
		boolean get = true;
		try {
			while (!this.over.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
				count(trySend(client, get));
				get = !get;
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private @Nullable String trySend(HttpClient client, boolean get) throws InterruptedException {
		String method = get ? "GET " : "POST ";
		try {
			int status = send(client, get);
			return (status == (get ? 200 : 202)) ? null : method + status;
		}
		catch (IOException ex) {
			return method + ex;
		}
	}

	private void count(@Nullable String failure) {
		if (failure == null) {
			this.answered.incrementAndGet();
		}
		else {
			this.failures.merge(failure, 1, Integer::sum);
		}
	}

	private int send(HttpClient client, boolean get) throws IOException, InterruptedException {
		HttpRequest.Builder request = HttpRequest.newBuilder().timeout(Duration.ofSeconds(30));
		if (get) {
			request.uri(URI.create("http://127.0.0.1:" + this.port + "/echo?id=hello"));
		}
		else {
			request.uri(URI.create("http://127.0.0.1:" + this.port + "/jobs?id=job&duration=1"))
				.POST(BodyPublishers.noBody());
		}
		return client.send(request.build(), BodyHandlers.discarding()).statusCode();
	}

	/**
	 * Return what was answered as it should be.
	 * @return the number of requests
	 */
	int answered() {
		return this.answered.get();
	}

	/**
	 * Return how many were not.
	 * @return the number of requests
	 */
	int failed() {
		return this.failures.values().stream().mapToInt(Integer::intValue).sum();
	}

	/**
	 * Return what was not.
	 * @return the number of requests by method and status or error
	 */
	Map<String, Integer> failures() {
		return Map.copyOf(this.failures);
	}

	@Override
	public void close() {
		this.over.countDown();
		try {
			for (Thread client : this.clients) {
				client.join();
			}
			this.proxy.destroy();
			this.proxy.waitFor();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.instances.forEach(ApplicationProcess::close);
	}

}
