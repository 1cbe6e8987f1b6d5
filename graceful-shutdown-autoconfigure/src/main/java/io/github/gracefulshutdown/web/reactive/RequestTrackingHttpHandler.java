package io.github.gracefulshutdown.web.reactive;

import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.RequestWorkload.Request;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;

/**
 * Tracks each request until its response is completed or its connection is closed, and
 * closes connections when the application shuts down. It wraps the whole application,
 * because a filter sees neither how an error is rendered nor how a response is completed.
 *
 * @author The Graceful Shutdown authors
 */
final class RequestTrackingHttpHandler implements HttpHandler {

	private final HttpHandler handler;

	private final RequestWorkload workload;

	/**
	 * Create a handler.
	 * @param handler handles the requests
	 * @param workload where they are tracked
	 */
	RequestTrackingHttpHandler(HttpHandler handler, RequestWorkload workload) {
		this.handler = handler;
		this.workload = workload;
	}

	@Override
	public Mono<Void> handle(ServerHttpRequest request, ServerHttpResponse response) {
		return Mono.defer(() -> {
			TrackedServerHttpResponse tracked = TrackedServerHttpResponse.of(response, this.workload,
					HttpProtocol.isHttp1(request));
			Request accepted = accept(request);
			if (accepted == null) {
				tracked.setStatusCode(HttpStatus.SERVICE_UNAVAILABLE);
				return tracked.setComplete();
			}
			accepted.detach();
			tracked.setRequest(accepted);
			// Deferred, because the handler may throw
			return Mono.defer(() -> this.handler.handle(request, tracked))
				.then(Mono.defer(tracked::cutIfStreamEnded))
				.doFinally((signal) -> accepted.end(tracked.outcome(signal)));
		});
	}

	private @Nullable Request accept(ServerHttpRequest request) {
		if (this.workload.isRefusingWebSockets()
				&& "websocket".equalsIgnoreCase(request.getHeaders().getFirst(HttpHeaders.UPGRADE))) {
			return null;
		}
		return this.workload.accept(request.getMethod().name(), request.getPath().value());
	}

}
