package io.github.gracefulshutdown.web;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * A WebSocket client that keeps all messages.
 *
 * @author The Graceful Shutdown authors
 */
public final class WebSocketClient implements WebSocket.Listener {

	private final List<String> received = new CopyOnWriteArrayList<>();

	private final CompletableFuture<Integer> closed = new CompletableFuture<>();

	private final WebSocket webSocket;

	public WebSocketClient(int port, String path) {
		this.webSocket = HttpClient.newHttpClient()
			.newWebSocketBuilder()
			.buildAsync(URI.create("ws://localhost:" + port + path), this)
			.join();
	}

	public void send(String message) {
		this.webSocket.sendText(message, true).join();
	}

	public List<String> getReceived() {
		return this.received;
	}

	public boolean isClosed() {
		return this.closed.isDone();
	}

	public int awaitClosed() throws Exception {
		return this.closed.get(60, TimeUnit.SECONDS);
	}

	@Override
	public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence message, boolean last) {
		this.received.add(message.toString());
		webSocket.request(1);
		return null;
	}

	@Override
	public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
		this.closed.complete(statusCode);
		return null;
	}

}
