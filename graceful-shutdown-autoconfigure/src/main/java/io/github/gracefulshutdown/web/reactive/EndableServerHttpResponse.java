package io.github.gracefulshutdown.web.reactive;

import java.nio.file.Path;

import io.github.gracefulshutdown.web.Streams;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;

/**
 * Response that is completed when streams end, if it has no end of its own.
 *
 * @author The Graceful Shutdown authors
 */
class EndableServerHttpResponse extends ServerHttpResponseDecorator {

	private final Streams streams;

	EndableServerHttpResponse(ServerHttpResponse delegate, Streams streams) {
		super(delegate);
		this.streams = streams;
	}

	static ServerHttpResponse of(ServerHttpResponse response, Streams streams) {
		return (response instanceof ZeroCopyHttpOutputMessage) ? new ZeroCopy(response, streams)
				: new EndableServerHttpResponse(response, streams);
	}

	@Override
	public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
		if (!Streams.isEndless(getHeaders().getFirst(HttpHeaders.CONTENT_TYPE))) {
			return super.writeAndFlushWith(body);
		}
		Mono<Void> end = Mono.create((sink) -> sink.onDispose(this.streams.opened(sink::success)::run));
		return super.writeAndFlushWith(Flux.from(body).takeUntilOther(end));
	}

	/**
	 * What the server can send without reading it stays that way.
	 */
	private static final class ZeroCopy extends EndableServerHttpResponse implements ZeroCopyHttpOutputMessage {

		ZeroCopy(ServerHttpResponse delegate, Streams streams) {
			super(delegate, streams);
		}

		@Override
		public Mono<Void> writeWith(Path file, long position, long count) {
			return ((ZeroCopyHttpOutputMessage) getDelegate()).writeWith(file, position, count);
		}

	}

}
