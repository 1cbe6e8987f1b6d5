package io.github.gracefulshutdown.web;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import io.github.gracefulshutdown.tracking.InFlight;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;

/**
 * Tests for {@link RequestWorkload}.
 *
 * @author The Graceful Shutdown authors
 */
class RequestWorkloadTests {

	private final AtomicLong clock = new AtomicLong();

	private final ConnectorPauser connector = mock(ConnectorPauser.class);

	@Test
	void aWebSocketThatIsOpenedWhileTheSocketsAreClosedIsClosedToo() {
		RequestWorkload requests = requests(true);
		given(this.connector.hasOpenConnections()).willReturn(true);
		requests.stopAccepting();
		assertThat(requests.accept("GET", "/held")).isNotNull();
		assertThat(requests.isIdle()).isFalse();
		then(this.connector).should(times(2)).closeWebSockets();
	}

	@Test
	void withoutConnectionsThereIsNothingToCloseAgain() {
		RequestWorkload requests = requests(true);
		requests.stopAccepting();
		assertThat(requests.isIdle()).isTrue();
		then(this.connector).should().closeWebSockets();
	}

	@Test
	void webSocketsAreLeftAloneIfStreamsAreNotToBeEnded() {
		RequestWorkload requests = requests(false);
		given(this.connector.hasOpenConnections()).willReturn(true);
		requests.stopAccepting();
		assertThat(requests.isIdle()).isFalse();
		then(this.connector).should(times(0)).closeWebSockets();
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

	private RequestWorkload requests(boolean endStreams) {
		return new RequestWorkload(new InFlight(), this.clock::get, Duration.ofSeconds(1), List.of(this.connector),
				true, new EndlessResponses(endStreams, (event) -> {
				}));
	}

}
