package io.github.gracefulshutdown.web.reactive;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.StreamPredicate;
import io.github.gracefulshutdown.web.Streams;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.HttpHeadResponseDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.BDDMockito.willReturn;
import static org.mockito.Mockito.spy;

/**
 * Tests for {@link TrackedServerHttpResponse}.
 *
 * @author The Graceful Shutdown authors
 */
class TrackedServerHttpResponseTests {

	private final RequestWorkload requests = new RequestWorkload(new InFlight(), System::nanoTime, Duration.ZERO,
			List.of(), false, new Streams(true, Duration.ZERO, StreamPredicate.EVENT_STREAMS, (event) -> {
			}));

	private final MockServerHttpResponse mock = new MockServerHttpResponse();

	private final TrackedServerHttpResponse response = TrackedServerHttpResponse.of(this.mock, this.requests, true);

	@Test
	void whileRunningAConnectionStaysOpen() {
		this.response.writeWith(Mono.just(buffer())).block();
		assertThat(connection()).isNull();
		assertThat(this.response.outcome(SignalType.ON_COMPLETE)).isEqualTo(WorkState.COMPLETED);
	}

	@Test
	void aShutdownBeforeTheBodyClosesTheConnection() {
		Sinks.One<DataBuffer> body = Sinks.one();
		this.response.writeWith(body.asMono()).subscribe();
		this.requests.enterLameDuck();
		body.tryEmitValue(buffer());
		assertThat(connection()).isEqualTo("close");
	}

	@Test
	void aShutdownBeforeTheFirstPartClosesTheConnection() {
		Sinks.Many<DataBuffer> body = Sinks.many().unicast().onBackpressureBuffer();
		this.response.writeWith(body.asFlux()).subscribe();
		this.requests.enterLameDuck();
		body.tryEmitNext(buffer());
		assertThat(connection()).isEqualTo("close");
	}

	@Test
	void aShutdownBeforeTheFirstFlushedPartClosesTheConnection() {
		Sinks.Many<Publisher<DataBuffer>> body = Sinks.many().unicast().onBackpressureBuffer();
		this.response.writeAndFlushWith(body.asFlux()).subscribe();
		this.requests.enterLameDuck();
		body.tryEmitNext(Mono.just(buffer()));
		assertThat(connection()).isEqualTo("close");
	}

	@Test
	void aShutdownAfterTheFirstPartComesTooLate() {
		Sinks.Many<DataBuffer> body = Sinks.many().unicast().onBackpressureBuffer();
		CompletableFuture<Void> written = this.response.writeWith(body.asFlux()).toFuture();
		body.tryEmitNext(buffer());
		this.requests.enterLameDuck();
		body.tryEmitNext(buffer());
		body.tryEmitComplete();
		assertThat(written).isCompletedWithValue(null);
		assertThat(connection()).isNull();
	}

	@Test
	void whatIsWrittenAfterTheCommitIsLeftToSpring() {
		this.response.writeWith(Mono.just(buffer())).block();
		this.requests.enterLameDuck();
		this.response.writeWith(Mono.just(buffer())).block();
		this.response.setComplete().block();
		assertThat(connection()).isNull();
	}

	@Test
	void aBodyWithoutPartsClosesTheConnection() {
		this.requests.enterLameDuck();
		this.response.writeWith(Flux.empty()).block();
		assertThat(connection()).isEqualTo("close");
	}

	@Test
	void aResponseWithoutBodyClosesTheConnection() {
		this.requests.enterLameDuck();
		this.response.setComplete().block();
		assertThat(connection()).isEqualTo("close");
	}

	@Test
	void aShutdownBeforeTheCompletionClosesTheConnection() {
		Sinks.Empty<Void> work = Sinks.empty();
		work.asMono().then(this.response.setComplete()).subscribe();
		this.response.setStatusCode(HttpStatus.INTERNAL_SERVER_ERROR);
		this.requests.enterLameDuck();
		work.tryEmitEmpty();
		assertThat(connection()).isEqualTo("close");
		assertThat(this.response.outcome(SignalType.ON_COMPLETE)).isEqualTo(WorkState.FAILED);
	}

	@Test
	void aShutdownBeforeAFileIsSentClosesTheConnection() {
		ServerHttpResponse file = TrackedServerHttpResponse.of(new ZeroCopyResponse(this.mock), this.requests, true);
		Mono<Void> sent = ((ZeroCopyHttpOutputMessage) file).writeWith(Path.of("file"), 0, 1);
		this.requests.enterLameDuck();
		sent.block();
		assertThat(connection()).isEqualTo("close");
	}

	@Test
	void aStreamWhoseHeadIsAskedForClosesTheConnection() {
		TrackedServerHttpResponse head = TrackedServerHttpResponse.of(new HttpHeadResponseDecorator(this.mock),
				this.requests, true);
		this.requests.enterLameDuck();
		head.writeAndFlushWith(Flux.never()).block();
		assertThat(connection()).isEqualTo("close");
	}

	@Test
	void anUpgradedConnectionIsNotClosed() {
		this.requests.enterLameDuck();
		this.response.getHeaders().set(HttpHeaders.UPGRADE, "websocket");
		this.response.setComplete().block();
		assertThat(connection()).isNull();
	}

	@Test
	void http2HasNoConnectionHeader() {
		this.requests.enterLameDuck();
		TrackedServerHttpResponse.of(this.mock, this.requests, false).setComplete().block();
		assertThat(connection()).isNull();
	}

	@Test
	void aStatusOfAnErrorIsAFailure() {
		this.response.setStatusCode(HttpStatus.INTERNAL_SERVER_ERROR);
		this.response.writeWith(Mono.just(buffer())).block();
		assertThat(this.response.outcome(SignalType.ON_COMPLETE)).isEqualTo(WorkState.FAILED);
	}

	@Test
	void anErrorBeforeTheFirstPartCanStillBeRendered() {
		Mono<Void> written = this.response.writeWith(Flux.error(new IllegalStateException("boom")));
		assertThatIllegalStateException().isThrownBy(written::block);
		this.response.setStatusCode(HttpStatus.INTERNAL_SERVER_ERROR);
		this.requests.enterLameDuck();
		this.response.writeWith(Mono.just(buffer())).block();
		assertThat(connection()).isEqualTo("close");
		assertThat(this.response.outcome(SignalType.ON_COMPLETE)).isEqualTo(WorkState.FAILED);
	}

	@Test
	void aRequestOfAClientThatHasGoneIsCancelled() {
		assertThat(this.response.outcome(SignalType.CANCEL)).isEqualTo(WorkState.CANCELLED);
		assertThat(this.response.outcome(SignalType.ON_ERROR)).isEqualTo(WorkState.FAILED);
	}

	@Test
	void aHandlerThatThrowsEndsItsRequest() {
		RequestTrackingHttpHandler handler = new RequestTrackingHttpHandler((request, response) -> {
			throw new IllegalStateException("boom");
		}, this.requests);
		MockServerHttpRequest request = spy(MockServerHttpRequest.get("/").build());
		willReturn(new Object()).given(request).getNativeRequest();
		Mono<Void> handled = handler.handle(request, this.mock);
		assertThatIllegalStateException().isThrownBy(handled::block);
		assertThat(this.requests.getInFlight()).isZero();
		assertThat(this.requests.getCount(WorkState.FAILED)).isEqualTo(1);
	}

	private @Nullable String connection() {
		assertThat(this.mock.isCommitted()).isTrue();
		return this.mock.getHeaders().getFirst(HttpHeaders.CONNECTION);
	}

	private static DataBuffer buffer() {
		return DefaultDataBufferFactory.sharedInstance.wrap(new byte[1]);
	}

	/**
	 * Commits as that of Reactor Netty does.
	 */
	private static final class ZeroCopyResponse extends ServerHttpResponseDecorator
			implements ZeroCopyHttpOutputMessage {

		ZeroCopyResponse(ServerHttpResponse delegate) {
			super(delegate);
		}

		@Override
		public Mono<Void> writeWith(Path file, long position, long count) {
			return setComplete();
		}

	}

}
