package io.github.gracefulshutdown.web.jetty;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

/**
 * Tests for {@link JettyBacklog}.
 *
 * @author The Graceful Shutdown authors
 */
class JettyBacklogTests {

	private final JettyBacklog backlog = new JettyBacklog(true);

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
		assertThat(this.backlog.isOpening()).isTrue();
		this.backlog.opened(this.endPoint);
		assertThat(this.backlog.isOpening()).isFalse();
	}

	@Test
	void aConnectionIsOpeningUntilItIsClosed() throws IOException {
		assertThat(this.backlog.isOpening()).isTrue();
		this.connection.close();
		assertThat(this.backlog.isOpening()).isFalse();
	}

	@Test
	void aConnectionThatIsBrokenDoesNotCostTheOthers() throws IOException {
		SocketChannel broken = connection();
		willThrow(new SocketException("Invalid argument")).given(broken).configureBlocking(false);
		SocketChannel whole = connection();
		ServerSocketChannel socket = mock(ServerSocketChannel.class);
		given(socket.accept()).willReturn(broken, whole, null);
		ServerConnector connector = mock(ServerConnector.class);
		SelectorManager selectors = mock(SelectorManager.class);
		given(connector.getTransport()).willReturn(socket);
		given(connector.getSelectorManager()).willReturn(selectors);
		this.backlog.close(connector);
		then(selectors).should().accept(whole);
		then(selectors).should(never()).accept(broken);
		then(broken).should().close();
		then(socket).should().close();
	}

	private static SocketChannel connection() {
		SocketChannel connection = mock(SocketChannel.class);
		given(connection.socket()).willReturn(mock(Socket.class));
		return connection;
	}

}
