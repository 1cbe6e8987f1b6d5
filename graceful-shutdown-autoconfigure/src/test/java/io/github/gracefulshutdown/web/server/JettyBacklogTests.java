package io.github.gracefulshutdown.web.server;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;

import org.eclipse.jetty.io.EndPoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link JettyBacklog}.
 *
 * @author The Graceful Shutdown authors
 */
class JettyBacklogTests {

	private final JettyBacklog backlog = new JettyBacklog();

	private final EndPoint endPoint = mock(EndPoint.class);

	private SocketChannel connection;

	@BeforeEach
	void accept() throws IOException {
		this.connection = SocketChannel.open();
		given(this.endPoint.getTransport()).willReturn(this.connection);
		this.backlog.onAccepting(this.connection);
	}

	@AfterEach
	void close() throws IOException {
		this.connection.close();
	}

	@Test
	void aConnectionIsOpeningUntilItIsListed() {
		assertThat(this.backlog.isOpening(List.of())).isTrue();
		assertThat(this.backlog.isOpening(List.of(this.endPoint))).isFalse();
		assertThat(this.backlog.isOpening(List.of())).isFalse();
	}

	@Test
	void aConnectionIsOpeningUntilItIsClosed() throws IOException {
		assertThat(this.backlog.isOpening(List.of())).isTrue();
		this.connection.close();
		assertThat(this.backlog.isOpening(List.of())).isFalse();
	}

}
