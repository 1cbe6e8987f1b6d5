package io.github.gracefulshutdown.cloud;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * Plays a Eureka server with no instances, and keeps the states in which the application
 * registers.
 *
 * @author The Graceful Shutdown authors
 */
class RegistryServer implements AutoCloseable {

	private static final String APPLICATIONS = """
			{"applications":{"versions__delta":"1","apps__hashcode":"","application":[]}}""";

	private final HttpServer server;

	private final List<String> states = new CopyOnWriteArrayList<>();

	/**
	 * Called before the state is kept and the request is answered.
	 */
	volatile Consumer<String> onState = (state) -> {
	};

	RegistryServer() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
		this.server.createContext("/", this::answer);
		this.server.start();
	}

	int port() {
		return this.server.getAddress().getPort();
	}

	List<String> states() {
		return this.states;
	}

	private void answer(HttpExchange exchange) throws IOException {
		String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
		switch (exchange.getRequestMethod()) {
			case "POST" -> add(body.replaceAll("(?s).*\"status\"\\s*:\\s*\"(\\w+)\".*", "$1"));
			case "PUT" -> {
				String query = exchange.getRequestURI().getQuery();
				if (exchange.getRequestURI().getPath().endsWith("/status")) {
					add(query.replaceAll(".*value=(\\w+).*", "$1"));
				}
			}
			case "DELETE" -> add("removed");
			default -> {
			}
		}
		byte[] answer = APPLICATIONS.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().add("Content-Type", "application/json");
		exchange.sendResponseHeaders(200, answer.length);
		exchange.getResponseBody().write(answer);
		exchange.close();
	}

	private void add(String state) {
		this.onState.accept(state);
		this.states.add(state);
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
