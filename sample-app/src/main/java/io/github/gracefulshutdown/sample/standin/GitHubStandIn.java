package io.github.gracefulshutdown.sample.standin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Answers the calls of the bot to GitHub's REST API and notes them in a journal.
 *
 * @author The Graceful Shutdown authors
 */
final class GitHubStandIn implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(GitHubStandIn.class);

	private static final int BACKLOG = 1000;

	private final Duration latency;

	private final int failEvery;

	private final AtomicLong calls = new AtomicLong();

	private final Journal journal;

	private final ExecutorService executor;

	private final HttpServer server;

	GitHubStandIn(StandInProperties properties) throws IOException {
		this.latency = properties.latency();
		this.failEvery = properties.failEvery();
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), properties.port()),
				BACKLOG);
		this.journal = new Journal(properties.journal());
		CustomizableThreadFactory threads = new CustomizableThreadFactory("github-");
		threads.setDaemon(true);
		this.executor = Executors.newCachedThreadPool(threads);
		this.server.setExecutor(this.executor);
		this.server.createContext("/", this::handle);
		this.server.start();
		logger.info("A stand-in for GitHub listens on port %d, journal %s".formatted(port(), properties.journal()));
	}

	int port() {
		return this.server.getAddress().getPort();
	}

	private void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
			Answer answer = answer(exchange);
			Thread.sleep(this.latency.toMillis());
			this.journal.note(exchange.getRequestMethod(), exchange.getRequestURI().toString(), answer.status(), body);
			byte[] json = answer.json().getBytes(StandardCharsets.UTF_8);
			exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
			exchange.sendResponseHeaders(answer.status(), json.length);
			exchange.getResponseBody().write(json);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Answer answer(HttpExchange exchange) throws IOException {
		String authorization = exchange.getRequestHeaders().getFirst("Authorization");
		if (authorization == null || !authorization.startsWith("Bearer ")) {
			return new Answer(401, "{\"message\":\"Requires authentication\"}");
		}
		if (this.failEvery > 0 && this.calls.incrementAndGet() % this.failEvery == 0) {
			return new Answer(502, "{\"message\":\"Server Error\"}");
		}
		String path = exchange.getRequestURI().getPath();
		String call = exchange.getRequestMethod() + " " + path;
		if (call.matches("PUT /orgs/[^/]+/memberships/[^/]+")) {
			return new Answer(200, "{\"state\":\"pending\",\"role\":\"member\"}");
		}
		if (call.matches("POST /repos/[^/]+/[^/]+/issues/\\d+/comments")) {
			return new Answer(201, "{\"id\":1}");
		}
		if (call.matches("GET /repos/[^/]+/[^/]+/issues/\\d+/comments")) {
			return new Answer(200, this.journal.find("POST", path, 201).toString());
		}
		if (call.equals("GET /search/issues")) {
			return new Answer(200, "{\"total_count\":1,\"incomplete_results\":false,\"items\":[]}");
		}
		return new Answer(404, "{\"message\":\"Not Found\"}");
	}

	@Override
	public void close() throws IOException {
		this.server.stop(0);
		this.executor.shutdownNow();
		this.journal.close();
	}

	/**
	 * An answer of the stand-in.
	 *
	 * @param status the HTTP status
	 * @param json the body
	 */
	private record Answer(int status, String json) {

	}

}
