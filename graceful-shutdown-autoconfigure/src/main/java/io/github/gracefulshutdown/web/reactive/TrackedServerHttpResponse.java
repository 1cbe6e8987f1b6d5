package io.github.gracefulshutdown.web.reactive;

import java.nio.file.Path;
import java.util.function.Consumer;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.Streams;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;
import reactor.core.publisher.SignalType;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;

/**
 * Response that tells clients to close their connections when the application shuts down,
 * is completed when streams end, if it has no end of its own, and knows whether it has
 * failed.
 * <p>
 * It is looked at just before it is committed: what is still to come may be decided then,
 * and later a servlet container may use the response for another request.
 * {@link ServerHttpResponse#beforeCommit} would be the place, but that costs each
 * response more than a kilobyte.
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
		return super.writeWith(lookBeforeCommit(body));
	}

	@Override
	public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
		if (!Streams.isEndless(getHeaders().getFirst(HttpHeaders.CONTENT_TYPE))) {
			return super.writeAndFlushWith(lookBeforeCommit(body));
		}
		Streams streams = this.workload.getStreams();
		Mono<Void> end = Mono.create((sink) -> sink.onDispose(streams.opened(sink::success)::run));
		return super.writeAndFlushWith(lookBeforeCommit(Flux.from(body).takeUntilOther(end)));
	}

	@Override
	public Mono<Void> setComplete() {
		look();
		return super.setComplete();
	}

	// The first element commits the response, or the completion if there is none. A Mono
	// is written in a way of its own
	private <T> Publisher<T> lookBeforeCommit(Publisher<T> body) {
		Consumer<Signal<T>> look = (signal) -> {
			if (!signal.isOnError()) {
				look();
			}
		};
		return (body instanceof Mono<T> mono) ? mono.doOnEach(look) : Flux.from(body).doOnEach(look);
	}

	final void look() {
		if (isCommitted()) {
			return;
		}
		HttpStatusCode status = getStatusCode();
		this.failed = (status != null && this.workload.isFailure(status.value()));
		HttpHeaders headers = getHeaders();
		if (this.http1 && this.workload.isCloseConnections() && !headers.containsHeader(HttpHeaders.UPGRADE)) {
			headers.set(HttpHeaders.CONNECTION, "close");
		}
	}

	/**
	 * Return what became of the request.
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
	 * What the server can send without reading it stays that way.
	 */
	private static final class ZeroCopy extends TrackedServerHttpResponse implements ZeroCopyHttpOutputMessage {

		ZeroCopy(ServerHttpResponse delegate, RequestWorkload workload, boolean http1) {
			super(delegate, workload, http1);
		}

		@Override
		public Mono<Void> writeWith(Path file, long position, long count) {
			look();
			return ((ZeroCopyHttpOutputMessage) getDelegate()).writeWith(file, position, count);
		}

	}

}
