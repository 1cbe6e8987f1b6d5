package io.github.gracefulshutdown.web;

import java.io.IOException;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.netty.channel.SingleThreadEventLoop;
import org.apache.catalina.connector.Connector;
import org.eclipse.jetty.server.ServerConnector;
import reactor.netty.DisposableServer;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.jetty.JettyWebServer;
import org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyReactiveManagementContextAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyServletManagementContextAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.actuate.web.server.NettyReactiveManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.autoconfigure.actuate.web.server.TomcatReactiveManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.actuate.web.server.TomcatServletManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.reactive.TomcatReactiveWebServerAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
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
	 * No test of a server needs the auto-configurations of these packages, and an
	 * application starts in two thirds of the time without them.
	 */
	private static final Pattern UNUSED = Pattern.compile("\\.(%s)\\.".formatted(
			String.join("|", "admin", "amqp", "audit", "batch", "beans", "cloud", "condition", "context.properties",
					"env", "exchanges", "grpc", "info", "integration", "jdbc", "jvm", "kafka", "logging", "mappings",
					"persistence", "quartz", "rsocket", "sbom", "scheduling", "startup", "system", "transaction")));

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
		Stream<String> unused = ImportCandidates.load(AutoConfiguration.class, null)
			.getCandidates()
			.stream()
			.filter(UNUSED.asPredicate());
		String excluded = Stream.concat(others.map(Class::getName), unused).collect(Collectors.joining(","));
		return new String[] { "spring.autoconfigure.exclude=" + excluded, "test.server=" + name() };
	}

}
