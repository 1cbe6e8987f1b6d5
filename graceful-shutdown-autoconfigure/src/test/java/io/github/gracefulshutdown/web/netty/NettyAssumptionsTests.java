package io.github.gracefulshutdown.web.netty;

import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The assumptions about plain Netty, and about the JDK below it, on which
 * {@link NettyAcceptor} relies.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class NettyAssumptionsTests {

	private static final EpollIoEvent READABLE = () -> EpollIoOps.EPOLLIN;

	private final AtomicInteger accepted = new AtomicInteger();

	private @Nullable EventLoopGroup loops;

	@AfterEach
	void shutdown() {
		EventLoopGroup loops = this.loops;
		if (loops != null) {
			loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
		}
	}

	@Test
	void nettyEpollHandleIgnoresItsRegistration() {
		Channel server = bind(NettyTransport.EPOLL);
		int acceptedByTheHandle = NettyTransport.inEventLoop(server, () -> {
			connect(server).close();
			((EpollIoHandle) server.unsafe()).handle(null, READABLE);
			return this.accepted.get();
		});
		assertThat(acceptedByTheHandle).isEqualTo(1);
	}

	@Test
	void nettyEpollClosesItsSocketAtOnce() {
		Channel server = bind(NettyTransport.EPOLL);
		int port = NettyTransport.port(server);
		boolean refused = NettyTransport.inEventLoop(server, () -> {
			server.close();
			return NettyTransport.isRefused(port);
		});
		assertThat(refused).isTrue();
	}

	@Test
	void nettyNioReadsFromASocketThatIsNotRegistered() {
		Channel server = bind(NettyTransport.NIO);
		int acceptedByReading = NettyTransport.inEventLoop(server, () -> {
			connect(server).close();
			server.deregister();
			((NioUnsafe) server.unsafe()).read();
			return this.accepted.get();
		});
		assertThat(acceptedByReading).isEqualTo(1);
	}

	@Test
	void nettyNioDeregistersASocketWhenItSelectsTheNextTime() {
		Channel server = bind(NettyTransport.NIO);
		NioUnsafe nio = (NioUnsafe) server.unsafe();
		boolean registered = NettyTransport.inEventLoop(server, () -> {
			server.deregister();
			return nio.ch().isRegistered();
		});
		assertThat(registered).isTrue();
		await().until(() -> !nio.ch().isRegistered());
		assertThat(nio.ch().isOpen()).isTrue();
	}

	@Test
	void theJdkKeepsASocketOpenThatIsRegisteredWithASelector() {
		Channel server = bind(NettyTransport.NIO);
		int port = NettyTransport.port(server);
		NioUnsafe nio = (NioUnsafe) server.unsafe();
		boolean refused = NettyTransport.inEventLoop(server, () -> {
			nio.ch().close();
			return NettyTransport.isRefused(port);
		});
		assertThat(refused).isFalse();
	}

	private Channel bind(NettyTransport transport) {
		EventLoopGroup loops = transport.eventLoop();
		this.loops = loops;
		Channel server = transport.bind(loops);
		server.pipeline().addFirst(new ChannelInboundHandlerAdapter() {

			@Override
			public void channelRead(ChannelHandlerContext context, Object connection) {
				NettyAssumptionsTests.this.accepted.incrementAndGet();
				context.fireChannelRead(connection);
			}

		});
		return server;
	}

	private static Socket connect(Channel server) throws Exception {
		return new Socket(InetAddress.getLoopbackAddress(), NettyTransport.port(server));
	}

}
