package io.github.gracefulshutdown.web.reactive;

import java.nio.file.Path;
import java.util.Map;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.RequestWorkload.Request;
import io.github.gracefulshutdown.web.StreamPredicate;
import org.jspecify.annotations.Nullable;
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
 * Response that closes its connection when the application shuts down, is ended then if
 * it is a stream, and records whether it has failed.
 * <p>
 * Status and headers are read when the response is committed. Earlier they may still
 * change. Later a servlet container may have recycled the response. Most bodies are a
 * {@link Mono}, whose value commits the response. A commit action, which costs more than
 * a kilobyte a response, is registered for the others only.
 *
 * @author The Graceful Shutdown authors
 */
class TrackedServerHttpResponse extends ServerHttpResponseDecorator {

	/**
	 * By name, because the application may have no WebFlux.
	 */
	private static final String PATTERN = "org.springframework.web.reactive.HandlerMapping.bestMatchingPattern";

	private final RequestWorkload workload;

	private final boolean http1;

	private @Nullable Request request;

	private @Nullable Map<String, Object> attributes;

	private volatile boolean failed;

	private volatile boolean cut;

	private TrackedServerHttpResponse(ServerHttpResponse delegate, RequestWorkload workload, boolean http1) {
		super(delegate);
		this.workload = workload;
		this.http1 = http1;
	}

	static TrackedServerHttpResponse of(ServerHttpResponse response, RequestWorkload workload, boolean http1) {
		return (response instanceof ZeroCopyHttpOutputMessage) ? new ZeroCopy(response, workload, http1)
				: new TrackedServerHttpResponse(response, workload, http1);
	}

	static @Nullable TrackedServerHttpResponse find(ServerHttpResponse response) {
		if (response instanceof TrackedServerHttpResponse tracked) {
			return tracked;
		}
		return (response instanceof ServerHttpResponseDecorator decorator) ? find(decorator.getDelegate()) : null;
	}

	void setRequest(Request request) {
		this.request = request;
	}

	@Nullable Request getRequest() {
		return this.request;
	}

	/**
	 * Set the attributes that the application sets.
	 * @param attributes the attributes of the exchange
	 */
	void setAttributes(Map<String, Object> attributes) {
		this.attributes = attributes;
		if (this.request != null) {
			this.request.nameBy(() -> attributes.get(PATTERN));
		}
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
		return super.writeWith(untilEnded(body));
	}

	@Override
	public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
		lookBeforeCommit();
		return super.writeAndFlushWith(untilEnded(body));
	}

	private <T> Publisher<T> untilEnded(Publisher<T> body) {
		Request request = this.request;
		Object attribute = (this.attributes != null) ? this.attributes.get(StreamPredicate.ATTRIBUTE) : null;
		if (request == null || !request.isStream(attribute, getHeaders().getFirst(HttpHeaders.CONTENT_TYPE))) {
			return body;
		}
		Mono<Void> end = Mono.create((sink) -> {
			sink.onDispose(request::closeStream);
			request.openStream(() -> {
				this.cut = isCommitted();
				sink.success();
			});
		});
		return Flux.from(body).doOnNext((part) -> request.written()).takeUntilOther(end);
	}

	/**
	 * Cut the response if it is a stream that did not end by itself. An error would be
	 * rendered or swallowed inside of the application.
	 * @return fails if the response must not look complete
	 */
	Mono<Void> cutIfStreamEnded() {
		Exception failure = this.cut ? this.workload.cut(getNativeResponse(getDelegate())) : null;
		return (failure != null) ? Mono.error(failure) : Mono.empty();
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
		if (signal == SignalType.CANCEL || this.cut) {
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
