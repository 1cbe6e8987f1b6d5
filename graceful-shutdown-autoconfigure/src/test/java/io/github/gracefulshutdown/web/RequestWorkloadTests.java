package io.github.gracefulshutdown.web;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import io.github.gracefulshutdown.StreamsEndingEvent;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.web.RequestWorkload.Request;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;

/**
 * Tests for {@link RequestWorkload}.
 *
 * @author The Graceful Shutdown authors
 */
class RequestWorkloadTests {

	private final AtomicLong clock = new AtomicLong();

	private final List<StreamsEndingEvent> goodbyes = new ArrayList<>();

	private final AtomicInteger ended = new AtomicInteger();

	private final ConnectorPauser connector = mock(ConnectorPauser.class);

	@Test
	void webSocketsAreClosedWithTheStreamsAndAgainUntilAllAreClosed() {
		RequestWorkload requests = requests(true);
		given(this.connector.closeWebSockets(any())).willReturn(true, true, false);
		requests.stopAccepting();
		assertThat(requests.isIdle()).isTrue();
		then(this.connector).should(never()).closeWebSockets(any());
		requests.endStreams();
		assertThat(requests.isIdle()).isFalse();
		assertThat(requests.isIdle()).isTrue();
		then(this.connector).should(times(3)).closeWebSockets(any());
	}

	@Test
	void aWebSocketThatCannotBeClosedIsNotWaitedFor() {
		RequestWorkload requests = requests(true);
		given(this.connector.closeWebSockets(any())).willReturn(true);
		requests.endStreams();
		assertThat(requests.isIdle()).isFalse();
		this.clock.set(Duration.ofSeconds(1).toNanos());
		assertThat(requests.isIdle()).isTrue();
	}

	@Test
	void aWebSocketIsClosedAfterTheMessageInHandAndTheOthersOfTheServerAfterThat() throws Exception {
		RequestWorkload requests = requests(true);
		OpenWebSocket webSocket = requests.openWebSocket("/path", this.ended::incrementAndGet);
		OpenWebSocket idle = requests.openWebSocket("/path", this.ended::incrementAndGet);
		webSocket.handle(() -> {
			assertThat(requests.isIdle()).isFalse();
			assertThat(requests.hasStreams()).isTrue();
			requests.endStreams();
			assertThat(this.ended).hasValue(1);
			assertThat(requests.isIdle()).isFalse();
			then(this.connector).should(never()).closeWebSockets(any());
		});
		assertThat(this.ended).hasValue(2);
		assertThat(requests.isIdle()).isTrue();
		then(this.connector).should().closeWebSockets(any());
		webSocket.closed();
		idle.closed();
		assertThat(requests.hasStreams()).isFalse();
		assertThat(requests.getCount(WorkState.COMPLETED)).isEqualTo(1);
	}

	@Test
	void messagesThatComeAfterTheSocketsWereClosedDoNotHoldTheDrainButAreFinished() throws Exception {
		RequestWorkload requests = requests(true);
		requests.stopAccepting();
		OpenWebSocket webSocket = requests.openWebSocket("/path", this.ended::incrementAndGet);
		webSocket.handle(() -> {
			assertThat(requests.isIdle()).isTrue();
			requests.endStreams();
			assertThat(requests.isIdle()).isFalse();
			assertThat(this.ended).hasValue(0);
		});
		assertThat(this.ended).hasValue(1);
	}

	@Test
	void aMessageDoesNotLetIdleConnectionsLingerAnew() throws Exception {
		given(this.connector.hasOpenConnections()).willReturn(true);
		RequestWorkload requests = requests(true);
		OpenWebSocket webSocket = requests.openWebSocket("/path", this.ended::incrementAndGet);
		requests.stopAccepting();
		this.clock.set(Duration.ofMillis(900).toNanos());
		webSocket.handle(() -> {
		});
		assertThat(requests.isIdle()).isFalse();
		this.clock.set(Duration.ofMillis(1100).toNanos());
		assertThat(requests.isIdle()).isTrue();
	}

	@Test
	void aStreamOfASessionIsNotWaitedForWhileItIsWritten() {
		RequestWorkload requests = requests(true);
		Request request = Objects.requireNonNull(requests.accept("GET", "/path"));
		request.openSession();
		request.written();
		assertThat(requests.isIdle()).isTrue();
	}

	@Test
	void aRequestWhoseClientHasGoneHasFailedUnlessItIsAStreamThatTheDrainHasCut() {
		RequestWorkload requests = requests(true);
		Object lost = new Object();
		Object cut = new Object();
		Request stream = asynchronous(requests, cut);
		stream.openStream(this.ended::incrementAndGet);
		asynchronous(requests, lost);
		given(this.connector.completeIfClientHasGone(lost)).willReturn(true);
		requests.isIdle();
		requests.endStreams();
		given(this.connector.completeIfClientHasGone(cut)).willReturn(true);
		assertThat(requests.isIdle()).isFalse();
		assertThat(requests.getCount(WorkState.FAILED)).isEqualTo(1);
		assertThat(stream.end(WorkState.CANCELLED)).isTrue();
	}

	private static Request asynchronous(RequestWorkload requests, Object response) {
		Request request = Objects.requireNonNull(requests.accept("GET", "/path"));
		request.attach();
		request.beginAsync(response);
		request.detach();
		return request;
	}

	@Test
	void aWebSocketThatIsOpenedAfterTheStreamsWereEndedIsClosedAtOnce() {
		RequestWorkload requests = requests(true);
		requests.endStreams();
		requests.openWebSocket("/path", this.ended::incrementAndGet);
		assertThat(this.ended).hasValue(1);
	}

	@Test
	void aRequestIsNamedByItsPathUntilThePatternIsKnownAndKeepsItsName() {
		RequestWorkload requests = requests(true);
		Request request = Objects.requireNonNull(requests.accept("GET", "/path/1;id=2"));
		AtomicReference<@Nullable String> pattern = new AtomicReference<>();
		request.nameBy(pattern::get);
		assertThat(request.getName()).isEqualTo("GET /path/1");
		pattern.set("/path/{id}");
		assertThat(request.getName()).isEqualTo("GET /path/{id}");
		request.keepName();
		pattern.set("/another");
		request.keepName();
		assertThat(request.getName()).isEqualTo("GET /path/{id}");
	}

	@Test
	void aPatternThatCannotBeReadIsNotShown() {
		Request request = Objects.requireNonNull(requests(true).accept("GET", "/path"));
		request.nameBy(() -> {
			throw new IllegalStateException();
		});
		assertThat(request.getName()).isEqualTo("GET /path");
	}

	@Test
	void aMessageThatFailsIsCounted() {
		RequestWorkload requests = requests(true);
		OpenWebSocket webSocket = requests.openWebSocket("/path", this.ended::incrementAndGet);
		assertThatIllegalStateException().isThrownBy(() -> webSocket.handle(() -> {
			throw new IllegalStateException();
		}));
		assertThat(requests.getCount(WorkState.FAILED)).isEqualTo(1);
	}

	@Test
	void aWebSocketThatReceivesIsWaitedForAShortTime() {
		RequestWorkload requests = requests(true);
		given(this.connector.isReceivingWebSockets(any())).willReturn(true);
		assertThat(requests.isIdle()).isTrue();
		requests.stopAccepting();
		assertThat(requests.isIdle()).isFalse();
		this.clock.set(Duration.ofSeconds(1).toNanos());
		assertThat(requests.isIdle()).isTrue();
	}

	@Test
	void webSocketsAreLeftAloneIfStreamsAreNotToBeEnded() {
		RequestWorkload requests = requests(false);
		requests.stopAccepting();
		requests.endStreams();
		assertThat(requests.isIdle()).isTrue();
		then(this.connector).should(never()).closeWebSockets(any());
	}

	@Test
	void aStreamIsWaitedForWhileItIsWritten() {
		RequestWorkload requests = requests(true);
		Request stream = stream(requests);
		assertThat(requests.isIdle()).isFalse();
		this.clock.set(Duration.ofMillis(900).toNanos());
		stream.written();
		this.clock.set(Duration.ofMillis(1800).toNanos());
		assertThat(requests.isIdle()).isFalse();
		this.clock.set(Duration.ofMillis(1900).toNanos());
		assertThat(requests.isIdle()).isTrue();
		assertThat(requests.getInFlight()).isEqualTo(1);
	}

	@Test
	void aStreamThatWasEndedIsWaitedForUntilItsRequestEnds() {
		RequestWorkload requests = requests(true);
		Request stream = stream(requests);
		this.clock.set(Duration.ofSeconds(2).toNanos());
		requests.endStreams();
		assertThat(this.goodbyes).containsExactly(new StreamsEndingEvent(1));
		assertThat(this.ended).hasValue(1);
		assertThat(requests.isIdle()).isFalse();
		stream.end(WorkState.CANCELLED);
		assertThat(requests.isIdle()).isTrue();
	}

	@Test
	void aStreamThatCannotEndIsGivenUp() {
		RequestWorkload requests = requests(true);
		stream(requests);
		Request request = Objects.requireNonNull(requests.accept("GET", "/held"));
		requests.endStreams();
		assertThat(requests.isIdle()).isFalse();
		this.clock.set(Duration.ofSeconds(1).toNanos());
		assertThat(requests.isIdle()).isFalse();
		assertThat(requests.getInFlight()).isEqualTo(1);
		assertThat(requests.getCount(WorkState.CANCELLED)).isEqualTo(1);
		request.end(WorkState.COMPLETED);
		this.clock.set(Duration.ofSeconds(2).toNanos());
		assertThat(requests.isIdle()).isTrue();
	}

	@Test
	void aStreamThatHasEndedByItselfIsNotEnded() {
		RequestWorkload requests = requests(true);
		stream(requests).closeStream();
		requests.endStreams();
		assertThat(this.goodbyes).isEmpty();
		assertThat(this.ended).hasValue(0);
	}

	@Test
	void aStreamThatIsOpenedTooLateIsEndedAtOnce() {
		RequestWorkload requests = requests(true);
		requests.endStreams();
		stream(requests);
		assertThat(this.ended).hasValue(1);
	}

	@Test
	void anEventStreamIsAStreamIfItAnswersAGet() {
		RequestWorkload requests = requests(true);
		assertThat(isStream(requests, "GET", null, "text/event-stream;charset=UTF-8")).isTrue();
		assertThat(isStream(requests, "POST", null, "text/event-stream")).isFalse();
		assertThat(isStream(requests, "GET", null, "application/x-ndjson")).isFalse();
		assertThat(isStream(requests, "GET", null, null)).isFalse();
		assertThat(isStream(requests, "GET", null, "nonsense")).isFalse();
		assertThat(isStream(requests, "GET", false, "text/event-stream")).isFalse();
		assertThat(isStream(requests, "POST", true, null)).isTrue();
		assertThat(isStream(requests(false), "GET", true, "text/event-stream")).isFalse();
	}

	@Test
	void theApplicationDecidesWhatIsAStream() {
		RequestWorkload requests = requests(new Streams(true, Duration.ofSeconds(1),
				(method, path, contentType) -> path.equals("/log") && contentType == null, this.goodbyes::add));
		Request request = Objects.requireNonNull(requests.accept("GET", "/log;session=1"));
		assertThat(request.isStream(null, null)).isTrue();
		assertThat(request.isStream(null, "text/event-stream")).isFalse();
		assertThat(request.isStream(false, null)).isFalse();
	}

	@Test
	void aLongPathIsCutInTheName() {
		Request request = Objects.requireNonNull(requests(true).accept("GET", "/" + "a".repeat(1000)));
		assertThat(request.getName()).startsWith("GET /aaa").endsWith("a...").hasSize(200);
	}

	private static boolean isStream(RequestWorkload requests, String method, @Nullable Boolean attribute,
			@Nullable String contentType) {
		return Objects.requireNonNull(requests.accept(method, "/")).isStream(attribute, contentType);
	}

	private Request stream(RequestWorkload requests) {
		Request request = Objects.requireNonNull(requests.accept("GET", "/events"));
		request.openStream(this.ended::incrementAndGet);
		return request;
	}

	@Test
	void aConnectionThatLingersTooLongIsNotWaitedFor() {
		RequestWorkload requests = requests(true);
		given(this.connector.hasOpenConnections()).willReturn(true);
		requests.stopAccepting();
		this.clock.set(Duration.ofSeconds(1).toNanos());
		assertThat(requests.isIdle()).isTrue();
	}

	@Test
	void a503IsNoFailureWhileTheApplicationShutsDown() {
		RequestWorkload requests = requests(true);
		assertThat(requests.isFailure(499)).isFalse();
		assertThat(requests.isFailure(503)).isTrue();
		requests.enterLameDuck();
		assertThat(requests.isFailure(503)).isFalse();
		assertThat(requests.isFailure(500)).isTrue();
		requests.resumeAccepting();
		assertThat(requests.isFailure(503)).isTrue();
	}

	@Test
	void a503IsNoFailureWhileTheSocketsAreBeingClosed() {
		RequestWorkload requests = requests(true);
		willAnswer((invocation) -> {
			assertThat(requests.isCloseConnections()).isFalse();
			assertThat(requests.isFailure(503)).isFalse();
			return null;
		}).given(this.connector).pause();
		requests.stopAccepting();
		then(this.connector).should().pause();
	}

	private RequestWorkload requests(boolean endStreams) {
		return requests(
				new Streams(endStreams, Duration.ofSeconds(1), StreamPredicate.EVENT_STREAMS, this.goodbyes::add));
	}

	private RequestWorkload requests(Streams streams) {
		return new RequestWorkload(new InFlight(), this.clock::get, Duration.ofSeconds(1), List.of(this.connector),
				true, streams);
	}

}
