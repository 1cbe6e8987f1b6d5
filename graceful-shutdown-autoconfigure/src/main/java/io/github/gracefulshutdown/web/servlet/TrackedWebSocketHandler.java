package io.github.gracefulshutdown.web.servlet;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.github.gracefulshutdown.web.OpenWebSocket;
import io.github.gracefulshutdown.web.RequestWorkload;
import org.jspecify.annotations.Nullable;

import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.handler.WebSocketHandlerDecorator;

/**
 * Tracks the messages in hand of a {@link WebSocketHandler}, and its open sessions.
 *
 * @author The Graceful Shutdown authors
 */
final class TrackedWebSocketHandler extends WebSocketHandlerDecorator {

	private final Supplier<RequestWorkload> workload;

	private final @Nullable String pattern;

	private final Map<String, OpenWebSocket> open = new ConcurrentHashMap<>();

	/**
	 * Create a handler.
	 * @param delegate handles the messages
	 * @param workload where they are tracked
	 * @param pattern the pattern of the path, or {@code null} if it is not known
	 */
	TrackedWebSocketHandler(WebSocketHandler delegate, Supplier<RequestWorkload> workload, @Nullable String pattern) {
		super(delegate);
		this.workload = workload;
		this.pattern = pattern;
	}

	@Override
	public void afterConnectionEstablished(WebSocketSession session) throws Exception {
		OpenWebSocket webSocket = this.workload.get()
			.openWebSocket(nameOf(session), () -> session.close(CloseStatus.GOING_AWAY));
		this.open.put(session.getId(), webSocket);
		webSocket.handle(() -> super.afterConnectionEstablished(session));
	}

	private String nameOf(WebSocketSession session) {
		if (this.pattern != null) {
			return this.pattern;
		}
		return (session.getUri() != null) ? session.getUri().getPath() : "session";
	}

	@Override
	public void handleMessage(WebSocketSession session, WebSocketMessage<?> message) throws Exception {
		OpenWebSocket webSocket = this.open.get(session.getId());
		if (webSocket != null) {
			webSocket.handle(() -> super.handleMessage(session, message));
		}
		else {
			super.handleMessage(session, message);
		}
	}

	@Override
	public void afterConnectionClosed(WebSocketSession session, CloseStatus closeStatus) throws Exception {
		OpenWebSocket webSocket = this.open.remove(session.getId());
		if (webSocket != null) {
			webSocket.closed();
		}
		super.afterConnectionClosed(session, closeStatus);
	}

}
