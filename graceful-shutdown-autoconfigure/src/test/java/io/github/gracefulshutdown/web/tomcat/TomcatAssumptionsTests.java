package io.github.gracefulshutdown.web.tomcat;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.gracefulshutdown.web.RawConnection;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.Acceptor.AcceptorState;
import org.apache.tomcat.util.net.NioEndpoint;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.tomcat.TomcatWebServerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The assumptions about plain Tomcat on which {@link BacklogHttp11NioProtocol} and
 * {@link TomcatConnectorPauser} rely.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class TomcatAssumptionsTests {

	private final List<String> calls = new CopyOnWriteArrayList<>();

	private final RecordingEndpoint endpoint = new RecordingEndpoint();

	private final Http11NioProtocol protocol = new Http11NioProtocol(this.endpoint);

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
		this.tomcat.addContext("", this.directory.toString());
		this.tomcat.start();
	}

	@AfterEach
	void stop() throws Exception {
		this.tomcat.stop();
		this.tomcat.destroy();
	}

	@Test
	void springBootsDefaultProtocolIsTheOneThatWeExtend() {
		assertThat(TomcatWebServerFactory.DEFAULT_PROTOCOL)
			.isEqualTo(BacklogHttp11NioProtocol.class.getSuperclass().getName());
	}

	@Test
	void tomcatCallsDestroySocketForAConnectionItDoesNotTake() throws Exception {
		connect().close();
		this.endpoint.stopAtNextConnection = true;
		new RawConnection(this.connector.getLocalPort()).close();
		await().until(() -> this.calls.contains("destroySocket"));
	}

	@Test
	void tomcatWakesItsAcceptorBeforeItClosesItsSocket() {
		this.protocol.closeServerSocketGraceful();
		assertThat(this.calls).startsWith("unlockAccept").endsWith("doCloseServerSocket");
		assertThat(this.calls).containsOnlyOnce("unlockAccept", "doCloseServerSocket");
	}

	@Test
	void tomcatIsRunningAndNotPausedWhenItClosesItsSocketGracefully() {
		this.protocol.closeServerSocketGraceful();
		assertThat(this.endpoint.servingAtClose).isTrue();
	}

	@Test
	void tomcatsAcceptorHasEndedWhenItsSocketIsClosedGracefully() throws Exception {
		connect().close();
		this.protocol.closeServerSocketGraceful();
		assertThat(this.endpoint.acceptorAtClose).isEqualTo(AcceptorState.ENDED);
	}

	@Test
	void tomcatServesAConnectionAfterItsSocketIsClosed() throws Exception {
		try (RawConnection connection = connect()) {
			this.protocol.closeServerSocketGraceful();
			connection.send("/");
			assertThat(connection.receive()).startsWith("http/1.1 404");
		}
	}

	@Test
	void tomcatDoesNotAnswerOnAnIdleConnectionWhenItIsPaused() throws Exception {
		try (RawConnection connection = connect()) {
			this.connector.pause();
			connection.send("/");
			assertThat(connection.receive()).isEmpty();
		}
	}

	@Test
	void tomcatHasNoTimeLeftWhileAConnectionIsOpen() throws Exception {
		try (RawConnection idle = connect()) {
			assertThat(idle).isNotNull();
			this.protocol.closeServerSocketGraceful();
			assertThat(this.protocol.awaitConnectionsClose(1)).isNotPositive();
		}
		await().until(() -> this.protocol.awaitConnectionsClose(1) > 0);
	}

	@Test
	void tomcatTakesTheTimeForItsExecutorToEndAsAProperty() {
		assertThat(this.connector.setProperty("executorTerminationTimeoutMillis", "0")).isTrue();
		assertThat(this.endpoint.getExecutorTerminationTimeoutMillis()).isZero();
	}

	private RawConnection connect() throws IOException {
		RawConnection connection = new RawConnection(this.connector.getLocalPort());
		connection.send("/");
		assertThat(connection.receive()).startsWith("http/1.1 404");
		return connection;
	}

	/**
	 * Tomcat's endpoint, which records the calls of its hooks.
	 */
	private final class RecordingEndpoint extends NioEndpoint {

		private volatile boolean servingAtClose;

		private volatile @Nullable AcceptorState acceptorAtClose;

		private volatile boolean stopAtNextConnection;

		@Override
		protected SocketChannel serverSocketAccept() throws Exception {
			SocketChannel socket = super.serverSocketAccept();
			if (this.stopAtNextConnection) {
				this.acceptor.stopMillis(-1);
			}
			return socket;
		}

		@Override
		protected void unlockAccept() {
			TomcatAssumptionsTests.this.calls.add("unlockAccept");
			super.unlockAccept();
		}

		@Override
		protected void destroySocket(SocketChannel socket) {
			TomcatAssumptionsTests.this.calls.add("destroySocket");
			super.destroySocket(socket);
		}

		@Override
		protected void doCloseServerSocket() throws IOException {
			TomcatAssumptionsTests.this.calls.add("doCloseServerSocket");
			this.servingAtClose = isRunning() && !isPaused();
			this.acceptorAtClose = this.acceptor.getState();
			super.doCloseServerSocket();
		}

	}

}
