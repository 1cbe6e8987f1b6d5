package io.github.gracefulshutdown.web.reactive;

import java.nio.file.Path;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.web.EndlessResponses;
import io.github.gracefulshutdown.web.RequestWorkload;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;

/**
 * Response that closes its connection when the application shuts down, is completed then
 * if it has no end of its own, and records whether it has failed.
 * <p>
 * Status and headers are read when the response is committed. Earlier they may still
 * change. Later a servlet container may have recycled the response. Most bodies are a
 * {@link Mono}, whose value commits the response. A commit action, which costs more than
 * a kilobyte a response, is registered for the others only.
 *
 * @author The Graceful Shutdown authors
 */
class TrackedServerHttpResponse extends ServerHttpResponseDecorator {

	private final RequestWorkload workload;

	private final boolean http1;

	private volatile boolean failed;

	private TrackedServerHttpResponse(ServerHttpResponse delegate, RequestWorkload workload, boolean http1) {
		super(delegate);
		this.workload = workload;
		this.http1 = http1;
	}

	static TrackedServerHttpResponse of(ServerHttpResponse response, RequestWorkload workload, boolean http1) {
		return (response instanceof ZeroCopyHttpOutputMessage) ? new ZeroCopy(response, workload, http1)
				: new TrackedServerHttpResponse(response, workload, http1);
	}

	@Override
	public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
		if (body instanceof Mono<? extends DataBuffer> mono) {
			return super.writeWith(mono.doOnSuccess((buffer) -> {
				if (!isCommitted()) {
					look();
				}
			}));
		}
		lookBeforeCommit();
		return super.writeWith(body);
	}

	@Override
	public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
		lookBeforeCommit();
		if (!EndlessResponses.isEndless(getHeaders().getFirst(HttpHeaders.CONTENT_TYPE))) {
			return super.writeAndFlushWith(body);
		}
		EndlessResponses endlessResponses = this.workload.getEndlessResponses();
		Mono<Void> end = Mono.create((sink) -> sink.onDispose(endlessResponses.opened(sink::success)::run));
		return super.writeAndFlushWith(Flux.from(body).takeUntilOther(end));
	}

	@Override
	public Mono<Void> setComplete() {
		lookBeforeCommit();
		return super.setComplete();
	}

	// Spring completes every response in the end, and most are committed by then
	final void lookBeforeCommit() {
		if (!isCommitted()) {
			beforeCommit(() -> {
				look();
				return Mono.empty();
			});
		}
	}

	private void look() {
		HttpStatusCode status = getStatusCode();
		this.failed = (status != null && this.workload.isFailure(status.value()));
		HttpHeaders headers = getHeaders();
		if (this.http1 && this.workload.isCloseConnections() && !headers.containsHeader(HttpHeaders.UPGRADE)) {
			headers.set(HttpHeaders.CONNECTION, "close");
		}
	}

	/**
	 * Return the outcome of the request.
	 * @param signal how its handling has ended
	 * @return the outcome
	 */
	WorkState outcome(SignalType signal) {
		if (signal == SignalType.CANCEL) {
			return WorkState.CANCELLED;
		}
		return (signal == SignalType.ON_ERROR || this.failed) ? WorkState.FAILED : WorkState.COMPLETED;
	}

	/**
	 * Keeps the server's ability to send a file without reading it.
	 */
	private static final class ZeroCopy extends TrackedServerHttpResponse implements ZeroCopyHttpOutputMessage {

		ZeroCopy(ServerHttpResponse delegate, RequestWorkload workload, boolean http1) {
			super(delegate, workload, http1);
		}

		@Override
		public Mono<Void> writeWith(Path file, long position, long count) {
			lookBeforeCommit();
			return ((ZeroCopyHttpOutputMessage) getDelegate()).writeWith(file, position, count);
		}

	}

}
