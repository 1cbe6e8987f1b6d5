package io.github.gracefulshutdown.web;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.github.gracefulshutdown.Printable;
import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.Work;
import io.github.gracefulshutdown.tracking.WorkloadOrder;
import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;

/**
 * The requests in flight. Some of their responses are {@linkplain StreamPredicate
 * streams}, which do not hold the drain.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.REQUESTS)
public final class RequestWorkload extends TrackedWorkload<RequestWorkload.Request>
		implements ServingWorkload, ResumableWorkload {

	/**
	 * How long a stream or a WebSocket session may take to end. Some never do: a servlet
	 * container may have lost the client.
	 */
	private static final long MOST_NANOS_TO_END = TimeUnit.SECONDS.toNanos(1);

	private final Duration linger;

	private final List<? extends ConnectorPauser> connectors;

	private final boolean pauseConnectors;

	private final Streams streams;

	private final Set<OpenWebSocket> webSockets = ConcurrentHashMap.newKeySet();

	private volatile boolean closeConnections;

	private volatile boolean goingAway;

	private volatile boolean socketsClosed;

	private volatile boolean streamsEnded;

	private volatile boolean webSocketsClosed;

	private volatile long socketsClosedNanos;

	private volatile long lingerSinceNanos;

	private volatile long streamsEndedNanos;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param clock the monotonic clock, in nanoseconds
	 * @param linger how long an idle connection may stay after the last response
	 * @param connectors pause the connectors of the servers
	 * @param pauseConnectors whether to pause the connectors
	 * @param streams which responses are streams, and how they are ended
	 */
	public RequestWorkload(InFlight inFlight, LongSupplier clock, Duration linger,
			List<? extends ConnectorPauser> connectors, boolean pauseConnectors, Streams streams) {
		super("requests", inFlight, clock);
		this.linger = linger;
		this.connectors = connectors;
		this.pauseConnectors = pauseConnectors;
		this.streams = streams;
	}

	/**
	 * Accept a request, on the calling thread.
	 * @param method the HTTP method
	 * @param path the path, without a query
	 * @return the request in flight, or {@code null} if it must be refused because the
	 * drain has ended
	 */
	public @Nullable Request accept(String method, String path) {
		Request request = new Request(this, method, path);
		return (admitOrReject(request) && request.attach()) ? request : null;
	}

	/**
	 * Return whether a new WebSocket session must be refused, because it would be closed
	 * soon.
	 * @return whether the sockets are closed, and sessions are closed at all
	 */
	public boolean isRefusingWebSockets() {
		return this.socketsClosed && this.streams.end();
	}

	/**
	 * A WebSocket session has been opened whose handler says when it deals with a
	 * message. It is closed with the streams, at once if they have been ended.
	 * @param path the path of the session, or its pattern
	 * @param close closes the session with the code 1001
	 * @return the session, which must be told when it is closed
	 */
	public OpenWebSocket openWebSocket(String path, OpenWebSocket.Closing close) {
		OpenWebSocket webSocket = new OpenWebSocket(this, path, close);
		this.webSockets.add(webSocket);
		if (this.streamsEnded) {
			webSocket.goAway();
		}
		return webSocket;
	}

	void forget(OpenWebSocket webSocket) {
		this.webSockets.remove(webSocket);
	}

	/**
	 * Accept a message of a WebSocket session, on the calling thread. Clients go on
	 * sending, so those that come after the sockets were closed do not hold the drain.
	 * Each is finished before its session is closed.
	 * @param path the path of the session
	 * @return the message, or {@code null} if the drain has ended
	 */
	@Nullable Request acceptMessage(String path) {
		Request message = new Request(this, path, this.socketsClosed);
		return (tryAdmit(message) && message.attach()) ? message : null;
	}

	/**
	 * Cut a response that has been begun, so that it does not look complete to its
	 * client.
	 * @param nativeResponse the response of the server
	 * @return an exception that must leave the application through its outermost filter
	 * or handler, or {@code null} if the application has to end the response as usual
	 */
	public @Nullable Exception cut(Object nativeResponse) {
		for (ConnectorPauser connector : this.connectors) {
			if (connector.isRunning()) {
				return connector.cut(nativeResponse);
			}
		}
		return new IOException("The stream was ended by the shutdown");
	}

	/**
	 * Return whether HTTP/1 responses should announce that the connection will be closed.
	 * @return whether connections are to be closed
	 */
	public boolean isCloseConnections() {
		return this.closeConnections;
	}

	/**
	 * Return whether the status of a response counts as a failure. From the signal on, a
	 * 503 does not: it is the correct answer of the readiness probe.
	 * @param status the HTTP status
	 * @return whether the request has failed
	 */
	public boolean isFailure(int status) {
		return status >= HttpStatus.INTERNAL_SERVER_ERROR.value()
				&& !(status == HttpStatus.SERVICE_UNAVAILABLE.value() && this.goingAway);
	}

	/**
	 * Idle also means that a request which was on its way has had the time to arrive. The
	 * connectors are asked even while requests are in flight, because the call also sends
	 * GOAWAY on the newest connections.
	 */
	@Override
	public boolean isIdle() {
		boolean lingering = isLingering();
		return !hasToWait() && !lingering && !isReceivingWebSockets() && !isClosingWebSockets();
	}

	private boolean hasToWait() {
		boolean giveUp = this.streamsEnded && !isEnding();
		boolean wait = false;
		for (Request request : works()) {
			if (giveUp && request.isStream()) {
				request.end(WorkState.CANCELLED);
			}
			else if (request.hasLostClient()) {
				request.end(WorkState.FAILED);
			}
			else {
				wait |= request.hasToWait();
			}
		}
		return wait;
	}

	private boolean isEnding() {
		return nanoTime() - this.streamsEndedNanos < MOST_NANOS_TO_END;
	}

	private boolean isLingering() {
		boolean lingering = false;
		if (this.pauseConnectors && nanoTime() - this.lingerSinceNanos < this.linger.toNanos()) {
			for (ConnectorPauser connector : this.connectors) {
				lingering |= connector.hasOpenConnections();
			}
		}
		return lingering;
	}

	// What came before the sockets were closed has had its time by then
	private boolean isReceivingWebSockets() {
		return this.socketsClosed && this.streams.end()
				&& nanoTime() - this.socketsClosedNanos < this.streams.quiet().toNanos() && this.connectors.stream()
					.anyMatch((connector) -> connector.isReceivingWebSockets(this.streams.quiet()));
	}

	// Again and again: a session cannot be closed before its handshake is answered
	private boolean isClosingWebSockets() {
		if (!this.streamsEnded) {
			return false;
		}
		if (isEnding()) {
			return closeWebSockets(this.streams.quiet());
		}
		if (!this.webSocketsClosed) {
			this.webSocketsClosed = true;
			closeWebSockets(Duration.ZERO);
		}
		return false;
	}

	private boolean closeWebSockets(Duration quiet) {
		boolean open = false;
		for (OpenWebSocket webSocket : this.webSockets) {
			open |= webSocket.goAway();
		}
		// A server closes all sessions, also those with a message in hand
		if (!open) {
			for (ConnectorPauser connector : this.connectors) {
				open |= connector.closeWebSockets(quiet);
			}
		}
		return open;
	}

	@Override
	public boolean enterLameDuck() {
		this.goingAway = true;
		this.closeConnections = true;
		return this.connectors.isEmpty() || this.connectors.stream().anyMatch(ConnectorPauser::isRunning);
	}

	@Override
	public void resumeAccepting() {
		this.goingAway = false;
		this.closeConnections = false;
	}

	/**
	 * Connections are not closed until the sockets are. A client whose connection is
	 * closed opens another at once: that must be refused, and not wait in the backlog,
	 * where it would be reset.
	 */
	@Override
	public void stopAccepting() {
		this.goingAway = true;
		this.closeConnections = false;
		try {
			if (this.pauseConnectors) {
				for (ConnectorPauser connector : this.connectors) {
					connector.pause();
				}
			}
			this.lingerSinceNanos = nanoTime();
		}
		finally {
			this.socketsClosedNanos = nanoTime();
			this.socketsClosed = true;
			this.closeConnections = true;
		}
	}

	/**
	 * Open connections may have WebSocket sessions.
	 */
	@Override
	public boolean hasStreams() {
		if (!this.streams.end()) {
			return false;
		}
		for (Request request : works()) {
			if (request.isStream()) {
				return true;
			}
		}
		return !this.webSockets.isEmpty()
				|| (this.pauseConnectors && this.connectors.stream().anyMatch(ConnectorPauser::hasOpenConnections));
	}

	/**
	 * A stream that is opened later is ended at once.
	 */
	@Override
	public void endStreams() {
		if (!this.streams.end()) {
			return;
		}
		int open = 0;
		for (Request request : works()) {
			open += request.isStream() ? 1 : 0;
		}
		if (open > 0) {
			this.streams.sayGoodbye(open);
		}
		this.streamsEndedNanos = nanoTime();
		this.streamsEnded = true;
		works().forEach(Request::endStream);
		closeWebSockets(this.streams.quiet());
	}

	@Override
	public List<WorkSnapshot> abandon() {
		List<WorkSnapshot> abandoned = super.abandon();
		this.connectors.forEach(ConnectorPauser::abandon);
		return abandoned;
	}

	/**
	 * A request in flight, or a message of a WebSocket session.
	 */
	public static final class Request extends Work {

		private final RequestWorkload workload;

		private final String method;

		private final String path;

		private final boolean message;

		private volatile @Nullable Supplier<@Nullable Object> patternSource;

		private volatile @Nullable String pattern;

		private volatile boolean session;

		private volatile @Nullable Runnable end;

		private volatile boolean ended;

		private volatile long writtenNanos;

		private volatile @Nullable Object nativeResponse;

		private Request(RequestWorkload workload, String method, String path) {
			super(workload);
			this.workload = workload;
			this.method = method;
			this.path = path;
			this.message = false;
		}

		// A client that goes on to send is a source that the drain does not wait for
		private Request(RequestWorkload workload, String path, boolean late) {
			super(workload, late);
			this.workload = workload;
			this.method = "WEBSOCKET";
			this.path = path;
			this.message = true;
		}

		/**
		 * Return the method and the pattern of the path. The path itself, which may have
		 * secrets, is shown only if no pattern is known.
		 */
		@Override
		public String getName() {
			String pattern = findPattern();
			return Printable.of(this.method + " " + ((pattern != null) ? pattern : getPath()));
		}

		/**
		 * Set where the pattern of the path is found. It is looked at, also by other
		 * threads, until {@link #keepName} is called.
		 * @param source returns the pattern, or {@code null} while none is known
		 */
		public void nameBy(Supplier<@Nullable Object> source) {
			this.patternSource = source;
		}

		/**
		 * Keep the pattern that is known now. Must be called before the request is used
		 * again by its server.
		 */
		public void keepName() {
			Supplier<@Nullable Object> source = this.patternSource;
			if (source != null) {
				this.pattern = look(source);
				this.patternSource = null;
			}
		}

		private @Nullable String findPattern() {
			Supplier<@Nullable Object> source = this.patternSource;
			if (source != null) {
				String pattern = look(source);
				// If not kept meanwhile, it has been the pattern of this request
				if (this.patternSource != null) {
					return pattern;
				}
			}
			return this.pattern;
		}

		private static @Nullable String look(Supplier<@Nullable Object> source) {
			try {
				Object pattern = source.get();
				return (pattern != null) ? pattern.toString() : null;
			}
			catch (RuntimeException ex) {
				return null;
			}
		}

		private String getPath() {
			int parameters = this.path.indexOf(';');
			return (parameters < 0) ? this.path : this.path.substring(0, parameters);
		}

		/**
		 * Return whether the response is a stream, and so has to be
		 * {@linkplain #openStream opened} as one.
		 * @param attribute the value of {@link StreamPredicate#ATTRIBUTE}, or
		 * {@code null}
		 * @param contentType the content type of the response, or {@code null}
		 * @return whether it is a stream
		 */
		public boolean isStream(@Nullable Object attribute, @Nullable String contentType) {
			return this.workload.streams.contains(this.method, getPath(), attribute, contentType);
		}

		/**
		 * The response is a stream. It is ended at once if the others already are.
		 * @param end ends the response. It must allow a second call, because this method
		 * and another thread may each call it once
		 */
		public void openStream(Runnable end) {
			written();
			this.end = end;
			if (this.workload.streamsEnded) {
				endStream();
			}
		}

		/**
		 * The response is a stream that another component ends, with its session. The
		 * messages of the session are waited for, and the stream is not.
		 */
		public void openSession() {
			this.session = true;
			openStream(() -> {
			});
		}

		/**
		 * The stream has ended by itself. Its request is about to end.
		 */
		public void closeStream() {
			if (!this.ended) {
				this.end = null;
			}
		}

		/**
		 * The response is being written.
		 */
		public void written() {
			this.writtenNanos = this.workload.nanoTime();
		}

		/**
		 * The request has become asynchronous. Its server may not tell when the client
		 * has gone, so the drain looks.
		 * @param nativeResponse the response of the server
		 */
		public void beginAsync(Object nativeResponse) {
			this.nativeResponse = nativeResponse;
		}

		// To the server, a stream that the drain has cut looks as if its client had gone
		private boolean hasLostClient() {
			Object response = this.nativeResponse;
			return response != null && !this.ended && getState() == WorkState.WAITING
					&& this.workload.connectors.stream()
						.anyMatch((connector) -> connector.completeIfClientHasGone(response));
		}

		private boolean isStream() {
			return this.end != null;
		}

		private void endStream() {
			Runnable end = this.end;
			if (end != null) {
				this.ended = true;
				Streams.end(end);
			}
		}

		private boolean hasToWait() {
			if (this.workload.streamsEnded) {
				return true;
			}
			return !isForeign() && !this.session && (!isStream()
					|| this.workload.nanoTime() - this.writtenNanos < this.workload.streams.quiet().toNanos());
		}

		/**
		 * The connection of a stream or of a WebSocket session is not used for a request
		 * again.
		 */
		@Override
		protected void onEnd(WorkState outcome) {
			this.nativeResponse = null;
			if (!isStream() && !this.message) {
				this.workload.lingerSinceNanos = this.workload.nanoTime();
			}
		}

	}

}
