package io.github.gracefulshutdown.web.netty;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Objects;
import java.util.concurrent.Callable;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import reactor.netty.DisposableServer;

import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.test.util.ReflectionTestUtils;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The transports of Netty whose backlog can be served.
 *
 * @author The Graceful Shutdown authors
 */
enum NettyTransport {

	NIO(NioServerSocketChannel.class) {

		@Override
		IoHandlerFactory ioHandlers() {
			return NioIoHandler.newFactory();
		}

	},

	EPOLL(EpollServerSocketChannel.class) {

		@Override
		IoHandlerFactory ioHandlers() {
			assumeEpoll();
			return EpollIoHandler.newFactory();
		}

	};

	private final Class<? extends ServerChannel> channel;

	NettyTransport(Class<? extends ServerChannel> channel) {
		this.channel = channel;
	}

	/**
	 * Skip a test if the native library cannot be loaded.
	 */
	static void assumeEpoll() {
		assumeTrue(Epoll.isAvailable(),
				() -> "Netty's epoll transport is not available: " + Epoll.unavailabilityCause());
	}

	abstract IoHandlerFactory ioHandlers();

	/**
	 * Create an event loop.
	 * @return a group of one event loop
	 */
	EventLoopGroup eventLoop() {
		return new MultiThreadIoEventLoopGroup(1, ioHandlers());
	}

	/**
	 * Bind a server to a free port.
	 * @param loops the event loops
	 * @return the channel of the server
	 */
	Channel bind(EventLoopGroup loops) {
		return new ServerBootstrap().group(loops)
			.channel(this.channel)
			.childHandler(new NoInitializer())
			.bind(InetAddress.getLoopbackAddress(), 0)
			.syncUninterruptibly()
			.channel();
	}

	/**
	 * Run code in the event loop of a server, which accepts nothing meanwhile.
	 * @param <T> the type of the result
	 * @param server the channel of the server
	 * @param code the code
	 * @return its result
	 */
	static <T> T inEventLoop(Channel server, Callable<T> code) {
		return server.eventLoop().submit(code).syncUninterruptibly().getNow();
	}

	/**
	 * Return the channel of an application's server.
	 * @param context the context of the application
	 * @return the channel that accepts connections
	 */
	static Channel serverChannel(ApplicationContext context) {
		Object server = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer());
		DisposableServer netty = (DisposableServer) ReflectionTestUtils.getField(server, "disposableServer");
		return Objects.requireNonNull(netty).channel();
	}

	static int port(Channel server) {
		return ((InetSocketAddress) server.localAddress()).getPort();
	}

	static boolean isRefused(int port) throws IOException {
		try {
			new Socket(InetAddress.getLoopbackAddress(), port).close();
			return false;
		}
		catch (ConnectException ex) {
			return true;
		}
	}

	/**
	 * Adds no handler to a connection.
	 */
	private static final class NoInitializer extends ChannelInitializer<Channel> {

		@Override
		protected void initChannel(Channel connection) {
		}

	}

}
