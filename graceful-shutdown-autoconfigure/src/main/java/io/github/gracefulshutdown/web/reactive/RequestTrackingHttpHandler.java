package io.github.gracefulshutdown.web.reactive;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.RequestWorkload.Request;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;

/**
 * Tracks each request to its true end, which is that of its response or of its
 * connection, and tells clients to close their connections when the application shuts
 * down. Stands around the whole application, for a filter does not see how an error is
 * rendered and how a response is completed.
 *
 * @author The Graceful Shutdown authors
 */
public final class RequestTrackingHttpHandler implements HttpHandler {

	private final HttpHandler handler;

	private final RequestWorkload workload;

	/**
	 * Create a handler.
	 * @param handler handles the requests
	 * @param workload where they are tracked
	 */
	public RequestTrackingHttpHandler(HttpHandler handler, RequestWorkload workload) {
		this.handler = handler;
		this.workload = workload;
	}

	@Override
	public Mono<Void> handle(ServerHttpRequest request, ServerHttpResponse response) {
		return Mono.defer(() -> {
			Request accepted = accept(request);
			TrackedResponse tracked = new TrackedResponse(response, this.workload, HttpProtocol.isHttp1(request));
			if (accepted == null) {
				response.setStatusCode(HttpStatus.SERVICE_UNAVAILABLE);
				return response.setComplete();
			}
			accepted.await();
			return this.handler.handle(request, EndableServerHttpResponse.of(response, this.workload.getStreams()))
				.doFinally((signal) -> accepted.end(tracked.outcome(signal)));
		});
	}

	private @Nullable Request accept(ServerHttpRequest request) {
		if (this.workload.getStreams().isEnded()
				&& "websocket".equalsIgnoreCase(request.getHeaders().getFirst(HttpHeaders.UPGRADE))) {
			return null;
		}
		return this.workload.accept(request.getMethod().name(), request.getPath().value());
	}

	/**
	 * The response as the client will see it. Looked at when it is committed, because
	 * later a servlet container may use it for another request.
	 */
	private static final class TrackedResponse {

		private final ServerHttpResponse response;

		private final RequestWorkload workload;

		private volatile boolean failed;

		TrackedResponse(ServerHttpResponse response, RequestWorkload workload, boolean http1) {
			this.response = response;
			this.workload = workload;
			response.beforeCommit(() -> {
				beforeCommit(http1);
				return Mono.empty();
			});
		}

		private void beforeCommit(boolean http1) {
			HttpStatusCode status = this.response.getStatusCode();
			this.failed = (status != null && this.workload.isFailure(status.value()));
			HttpHeaders headers = this.response.getHeaders();
			if (http1 && this.workload.isCloseConnections() && !headers.containsHeader(HttpHeaders.UPGRADE)) {
				headers.set(HttpHeaders.CONNECTION, "close");
			}
		}

		WorkState outcome(SignalType signal) {
			if (signal == SignalType.CANCEL) {
				return WorkState.CANCELLED;
			}
			return (signal == SignalType.ON_ERROR || this.failed) ? WorkState.FAILED : WorkState.COMPLETED;
		}

	}

}
