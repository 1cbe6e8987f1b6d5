package io.github.gracefulshutdown.web;

import java.io.IOException;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.netty.channel.SingleThreadEventLoop;
import org.apache.catalina.connector.Connector;
import org.eclipse.jetty.server.ServerConnector;
import reactor.netty.DisposableServer;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.batch.autoconfigure.BatchJobLauncherAutoConfiguration;
import org.springframework.boot.batch.jdbc.autoconfigure.BatchJdbcAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jetty.JettyWebServer;
import org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyReactiveManagementContextAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyServletManagementContextAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration;
import org.springframework.boot.quartz.autoconfigure.QuartzAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.actuate.web.server.NettyReactiveManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.autoconfigure.actuate.web.server.TomcatReactiveManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.actuate.web.server.TomcatServletManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.reactive.TomcatReactiveWebServerAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.web.server.WebServer;
import org.springframework.test.util.ReflectionTestUtils;

import static org.awaitility.Awaitility.await;

/**
 * The embedded servers. All of them are on the class path of these tests.
 *
 * @author The Graceful Shutdown authors
 */
public enum EmbeddedServer {

	TOMCAT(TomcatServletWebServerAutoConfiguration.class, TomcatServletManagementContextAutoConfiguration.class,
			TomcatReactiveWebServerAutoConfiguration.class, TomcatReactiveManagementContextAutoConfiguration.class) {

		/**
		 * The acceptor waits when it has accepted one more connection.
		 */
		@Override
		void stopAccepting(WebServer server) throws IOException {
			Connector connector = ((TomcatWebServer) server).getTomcat().getConnector();
			connector.setProperty("maxConnections", "1");
			new Socket("localhost", connector.getLocalPort()).close();
		}

	},

	JETTY(JettyServletWebServerAutoConfiguration.class, JettyServletManagementContextAutoConfiguration.class,
			JettyReactiveWebServerAutoConfiguration.class, JettyReactiveManagementContextAutoConfiguration.class) {

		@Override
		void stopAccepting(WebServer server) {
			ServerConnector connector = (ServerConnector) ((JettyWebServer) server).getServer().getConnectors()[0];
			connector.setAccepting(false);
			ServerSocketChannel socket = (ServerSocketChannel) connector.getTransport();
			await().until(() -> !socket.isRegistered());
		}

	},

	NETTY(NettyReactiveWebServerAutoConfiguration.class, NettyReactiveManagementContextAutoConfiguration.class) {

		/**
		 * The event loop does nothing until it has a task: to close the socket.
		 */
		@Override
		void stopAccepting(WebServer server) {
			DisposableServer netty = (DisposableServer) ReflectionTestUtils.getField(server, "disposableServer");
			SingleThreadEventLoop loop = (SingleThreadEventLoop) Objects.requireNonNull(netty).channel().eventLoop();
			CountDownLatch stopped = new CountDownLatch(1);
			loop.execute(() -> {
				stopped.countDown();
				await().atMost(Duration.ofSeconds(20)).until(() -> loop.pendingTasks() > 0);
			});
			await().until(() -> stopped.getCount() == 0);
		}

	};

	/**
	 * No test of a server needs them, and an application starts in a third less time
	 * without them.
	 */
	private static final List<Class<?>> UNUSED = List.of(BatchJdbcAutoConfiguration.class,
			BatchJobLauncherAutoConfiguration.class, DataSourceAutoConfiguration.class, QuartzAutoConfiguration.class,
			TransactionAutoConfiguration.class);

	private final Class<?>[] autoConfigurations;

	EmbeddedServer(Class<?>... autoConfigurations) {
		this.autoConfigurations = autoConfigurations;
	}

	/**
	 * Let connections wait in the backlog from now on, until the socket is closed.
	 * @param server the running server
	 * @throws IOException if it cannot be connected to
	 */
	abstract void stopAccepting(WebServer server) throws IOException;

	public SpringApplicationBuilder application(Class<?> source, WebApplicationType type) {
		return new SpringApplicationBuilder(source).web(type).properties(properties());
	}

	public String[] properties() {
		Stream<Class<?>> others = Arrays.stream(values())
			.filter((server) -> server != this)
			.flatMap((server) -> Stream.of(server.autoConfigurations));
		String excluded = Stream.concat(others, UNUSED.stream()).map(Class::getName).collect(Collectors.joining(","));
		return new String[] { "spring.autoconfigure.exclude=" + excluded, "test.server=" + name() };
	}

}
