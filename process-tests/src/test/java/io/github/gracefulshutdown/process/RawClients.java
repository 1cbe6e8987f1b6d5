package io.github.gracefulshutdown.process;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

import org.awaitility.Awaitility;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Clients that each send one request after the other, without retries. Half of them GET,
 * half of them POST.
 *
 * @author The Graceful Shutdown authors
 */
final class RawClients implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private final int port;

	private volatile long pauseMillis;

	private final CountDownLatch ended;

	private final CountDownLatch stop = new CountDownLatch(1);

	private final AtomicInteger responses = new AtomicInteger();

	private final AtomicInteger toldToClose = new AtomicInteger();

	private final Map<String, Integer> lost = new ConcurrentHashMap<>();

	private final String id;

	private String postPath;

	private RawClients(int count, int port, long pauseMillis, String id) {
		this.port = port;
		this.pauseMillis = pauseMillis;
		this.id = id;
		this.postPath = "/echo?id=" + id;
		this.ended = new CountDownLatch(count);
	}

	/**
	 * Start clients that use one connection each until they are told to close it.
	 * @param count how many
	 * @param port the port to connect to
	 * @param pauseMillis how long each pauses after a response
	 * @return the running clients
	 */
	static RawClients keepAlive(int count, int port, long pauseMillis) {
		return new RawClients(count, port, pauseMillis, "hello").start(count, RawClients::useOneConnection);
	}

	/**
	 * Start clients that open a connection for each request until they are refused.
	 * @param count how many
	 * @param port the port to connect to
	 * @return the running clients
	 */
	static RawClients connecting(int count, int port) {
		return new RawClients(count, port, 0, "hello").start(count, RawClients::useManyConnections);
	}

	/**
	 * Start clients that go on until they are {@linkplain #close() stopped}, and open
	 * another connection when one is closed. Those that POST start jobs.
	 * @param count how many
	 * @param port the port to connect to
	 * @param pauseMillis how long each pauses after a response
	 * @param id the ID of each job
	 * @return the running clients
	 */
	static RawClients persistent(int count, int port, long pauseMillis, String id) {
		RawClients clients = new RawClients(count, port, pauseMillis, id);
		clients.postPath = "/jobs?id=" + id + "&duration=1";
		return clients.start(count, RawClients::useOneConnectionAfterTheOther);
	}

	private RawClients start(int count, BiConsumer<RawClients, String> client) {
		for (int i = 0; i < count; i++) {
			String method = (i % 2 == 0) ? "GET" : "POST";
			new Thread(() -> {
				client.accept(this, method);
				this.ended.countDown();
			}, "client-" + i).start();
		}
		return this;
	}

	private void useOneConnection(String method) {
		try (Socket socket = connect()) {
			InputStream in = new BufferedInputStream(socket.getInputStream());
			boolean open = true;
			while (open && !isStopped()) {
				open = exchange(method, socket, in);
			}
		}
		catch (IOException ex) {
			lose(method, ex);
		}
	}

	private void useOneConnectionAfterTheOther(String method) {
		while (!isStopped()) {
			useOneConnection(method);
		}
	}

	private void useManyConnections(String method) {
		while (!isStopped()) {
			try (Socket socket = connect()) {
				exchange(method, socket, new BufferedInputStream(socket.getInputStream()));
			}
			catch (ConnectException ex) {
				return;
			}
			catch (IOException ex) {
				lose(method, ex);
			}
		}
	}

	private Socket connect() throws IOException {
		Socket socket = new Socket("localhost", this.port);
		socket.setSoTimeout((int) TIMEOUT.toMillis());
		return socket;
	}

	private boolean isStopped() {
		try {
			return this.stop.await(this.pauseMillis, TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return true;
		}
	}

	private void lose(String method, IOException ex) {
		this.lost.merge(method + ": " + ex.getMessage(), 1, Integer::sum);
	}

	private boolean exchange(String method, Socket socket, InputStream in) throws IOException {
		socket.getOutputStream()
			.write("%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
				.formatted(method, method.equals("GET") ? "/echo?id=" + this.id : this.postPath)
				.getBytes(StandardCharsets.US_ASCII));
		String head = readHead(in);
		if (!head.startsWith("HTTP/1.1 20")) {
			throw new IOException(head.lines().findFirst().orElse("no status"));
		}
		assertThat(in.readNBytes(this.id.length())).asString().isEqualTo(this.id);
		this.responses.incrementAndGet();
		if (head.toLowerCase(Locale.ROOT).contains("connection: close")) {
			this.toldToClose.incrementAndGet();
			return false;
		}
		return true;
	}

	private static String readHead(InputStream in) throws IOException {
		StringBuilder head = new StringBuilder();
		while (head.indexOf("\r\n\r\n") < 0) {
			int next = in.read();
			if (next < 0) {
				throw new IOException("closed after " + head.length() + " characters");
			}
			head.append((char) next);
		}
		return head.toString();
	}

	void awaitResponses(int atLeast) {
		Awaitility.await().atMost(TIMEOUT).until(() -> this.responses.get() >= atLeast);
	}

	void awaitEnd() {
		Awaitility.await().atMost(TIMEOUT).until(() -> this.ended.getCount() == 0);
	}

	/**
	 * Set how long each pauses from now on.
	 * @param pauseMillis the pause after a response
	 */
	void setPauseMillis(long pauseMillis) {
		this.pauseMillis = pauseMillis;
	}

	int responses() {
		return this.responses.get();
	}

	int lost() {
		return lost("");
	}

	int lost(String method) {
		return this.lost.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().startsWith(method))
			.mapToInt(Map.Entry::getValue)
			.sum();
	}

	int toldToClose() {
		return this.toldToClose.get();
	}

	@Override
	public void close() {
		this.stop.countDown();
	}

	@Override
	public String toString() {
		return "%d responses, %d told to close, lost: %s".formatted(this.responses.get(), this.toldToClose.get(),
				this.lost);
	}

}
