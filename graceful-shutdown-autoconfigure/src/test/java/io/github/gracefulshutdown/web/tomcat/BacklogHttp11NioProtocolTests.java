package io.github.gracefulshutdown.web.tomcat;

import java.net.ConnectException;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.web.tomcat.BacklogHttp11NioProtocol.BacklogNioEndpoint;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link BacklogHttp11NioProtocol}.
 *
 * @author The Graceful Shutdown authors
 */
class BacklogHttp11NioProtocolTests {

	private final AtomicInteger served = new AtomicInteger();

	private final BacklogHttp11NioProtocol protocol = new BacklogHttp11NioProtocol(new CountingEndpoint());

	private final Connector connector = new Connector(this.protocol);

	private final Tomcat tomcat = new Tomcat();

	@TempDir
	private Path directory;

	@BeforeEach
	void start() throws Exception {
		this.connector.setPort(0);
		this.connector.setProperty("bindOnInit", "false");
		this.tomcat.setBaseDir(this.directory.toString());
		this.tomcat.setConnector(this.connector);
		this.tomcat.start();
	}

	@AfterEach
	void stop() throws Exception {
		this.tomcat.stop();
		this.tomcat.destroy();
	}

	@Test
	void theConnectionThatWakesTheAcceptorIsNotServed() {
		int port = this.connector.getLocalPort();
		this.protocol.closeServerSocketGraceful();
		assertThat(this.protocol.hasOpenConnections()).isFalse();
		assertThat(this.served).hasValue(0);
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> new Socket("localhost", port).close());
	}

	@Test
	void aConnectionIsSeenUntilItIsClosed() throws Exception {
		try (Socket socket = new Socket("localhost", this.connector.getLocalPort())) {
			await().until(() -> this.served.get() == 1);
			this.protocol.closeServerSocketGraceful();
			assertThat(socket.isConnected()).isTrue();
			assertThat(this.protocol.hasOpenConnections()).isTrue();
		}
		await().until(() -> !this.protocol.hasOpenConnections());
	}

	@Test
	void nothingIsServedWhenTheConnectorIsPausedAndStopped() throws Exception {
		this.connector.pause();
		try (Socket socket = new Socket("localhost", this.connector.getLocalPort())) {
			assertThat(socket.isConnected()).isTrue();
			this.connector.stop();
			assertThat(this.served).hasValue(0);
		}
	}

	private final class CountingEndpoint extends BacklogNioEndpoint {

		@Override
		protected boolean setSocketOptions(SocketChannel socket) {
			BacklogHttp11NioProtocolTests.this.served.incrementAndGet();
			return super.setSocketOptions(socket);
		}

	}

}
