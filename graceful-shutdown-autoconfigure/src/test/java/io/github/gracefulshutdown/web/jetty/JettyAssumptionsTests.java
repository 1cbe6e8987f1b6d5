package io.github.gracefulshutdown.web.jetty;

import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

import io.github.gracefulshutdown.web.Http2Connection;
import io.github.gracefulshutdown.web.RawConnection;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.Graceful;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The assumptions about plain Jetty on which {@link JettyAcceptors}, {@link JettyBacklog}
 * and {@link JettyConnectorPauser} rely.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class JettyAssumptionsTests {

	private final Server server = new Server();

	private final CountDownLatch released = new CountDownLatch(1);

	@AfterEach
	void stop() throws Exception {
		this.released.countDown();
		this.server.stop();
	}

	@Test
	void jettyNamesItsAcceptorThreadsAfterTheConnector() throws Exception {
		ServerConnector connector = start(2);
		await().untilAsserted(() -> assertThat(acceptors(connector)).hasSize(2));
	}

	@Test
	void jettyClosesItsSocketAndNoConnectionWhenAnAcceptorIsInterrupted() throws Exception {
		ServerConnector connector = start(1);
		try (RawConnection connection = connect(connector)) {
			ServerSocketChannel socket = (ServerSocketChannel) connector.getTransport();
			acceptors(connector).forEach(Thread::interrupt);
			await().until(() -> acceptors(connector).isEmpty() && !socket.isOpen());
			connection.send("/");
			assertThat(connection.receive()).startsWith("http/1.1 200").doesNotContain("connection: close");
		}
	}

	@Test
	void jettyClosesAConnectionWhoseResponseEndsAfterItsShutdown() throws Exception {
		ServerConnector connector = start(1);
		try (RawConnection connection = connect(connector)) {
			connection.send("/held");
			assertThat(connection.receiveTo("begin")).doesNotContainIgnoringCase("connection: close");
			connector.shutdown();
			this.released.countDown();
			connection.receiveTo("0\r\n\r\n");
			assertThat(connection.isClosedByServer()).isTrue();
		}
	}

	@Test
	void jettyShortensTheIdleTimeoutOfAllConnectionsWhenItIsShutDown() throws Exception {
		ServerConnector connector = start(1);
		try (RawConnection connection = connect(connector)) {
			EndPoint endPoint = connector.getConnectedEndPoints().iterator().next();
			assertThat(endPoint.getIdleTimeout()).isEqualTo(connector.getIdleTimeout());
			connector.shutdown();
			assertThat(endPoint.getIdleTimeout()).isEqualTo(1000);
			assertThat(connection.isClosedByServer()).isTrue();
		}
	}

	@Test
	void jettyHasItsHttp2SessionsAmongTheBeansOfAConnector() throws Exception {
		ServerConnector connector = start(1);
		try (Http2Connection connection = new Http2Connection(connector.getLocalPort())) {
			connection.send("/").join();
			connector.getContainedBeans(Graceful.class).forEach(Graceful::shutdown);
			connection.awaitGoAway();
		}
	}

	@Test
	void jettyKeepsItsSocketOpenWhenItsSelectorsStopToAccept() throws Exception {
		ServerConnector connector = start(0);
		connect(connector).close();
		ServerSocketChannel socket = (ServerSocketChannel) connector.getTransport();
		assertThat(socket.isRegistered()).isTrue();
		connector.setAccepting(false);
		await().until(() -> !socket.isRegistered());
		assertThat(socket.isOpen()).isTrue();
		new RawConnection(connector.getLocalPort()).close();
		assertThat(socket.accept()).isNotNull();
	}

	@Test
	void jettyAnnouncesAConnectionBeforeItListsIt() throws Exception {
		ServerConnector connector = start(0);
		Map<SelectableChannel, Integer> listedWhenAnnounced = new ConcurrentHashMap<>();
		connector.getSelectorManager().addEventListener(new SelectorManager.AcceptListener() {

			@Override
			public void onAccepting(SelectableChannel channel) {
				listedWhenAnnounced.put(channel, connector.getConnectedEndPoints().size());
			}

		});
		try (RawConnection connection = connect(connector)) {
			assertThat(listedWhenAnnounced).hasSize(1).containsValue(0);
			assertThat(connector.getConnectedEndPoints()).singleElement()
				.extracting(EndPoint::getTransport)
				.isEqualTo(listedWhenAnnounced.keySet().iterator().next());
		}
	}

	private ServerConnector start(int acceptors) throws Exception {
		HttpConfiguration configuration = new HttpConfiguration();
		ServerConnector connector = new ServerConnector(this.server, acceptors, 1,
				new HttpConnectionFactory(configuration), new HTTP2CServerConnectionFactory(configuration));
		this.server.addConnector(connector);
		this.server.setHandler(new HoldingHandler());
		this.server.start();
		return connector;
	}

	private static RawConnection connect(ServerConnector connector) throws Exception {
		RawConnection connection = new RawConnection(connector.getLocalPort());
		connection.send("/");
		assertThat(connection.receive()).startsWith("http/1.1 200");
		return connection;
	}

	private static List<Thread> acceptors(ServerConnector connector) {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().contains("-acceptor-")
					&& thread.getName().endsWith(connector.toString()))
			.toList();
	}

	/**
	 * Begins the response to {@code /held}, and ends it when it is released.
	 */
	private final class HoldingHandler extends Handler.Abstract {

		@Override
		public boolean handle(Request request, Response response, Callback callback) throws Exception {
			if ("/held".equals(request.getHttpURI().getPath())) {
				Content.Sink.write(response, false, "begin", Callback.NOOP);
				JettyAssumptionsTests.this.released.await();
			}
			Content.Sink.write(response, true, "end", callback);
			return true;
		}

	}

}
