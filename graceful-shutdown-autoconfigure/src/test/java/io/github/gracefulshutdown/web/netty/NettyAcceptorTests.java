package io.github.gracefulshutdown.web.netty;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link NettyAcceptor}.
 *
 * @author The Graceful Shutdown authors
 */
class NettyAcceptorTests {

	private static final int MORE_THAN_AT_A_TIME = 40;

	private final ChannelGroup connections = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);

	private final AtomicInteger accepted = new AtomicInteger();

	private final EmbeddedChannel server = new EmbeddedChannel();

	private final NettyAcceptor acceptor = new NettyAcceptor(this.server, this.connections);

	private @Nullable EventLoopGroup loops;

	@AfterEach
	void shutdown() {
		EventLoopGroup loops = this.loops;
		if (loops != null) {
			loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
		}
	}

	@Test
	void aConnectionIsSeenBeforeItsEventLoopKnowsIt() {
		Channel connection = new NioSocketChannel();
		this.server.pipeline().fireChannelRead(connection);
		assertThat(this.connections.contains(connection)).isTrue();
		assertThat(this.server.inboundMessages()).containsExactly(connection);
		connection.unsafe().closeForcibly();
	}

	@Test
	void aServerOfAnUnknownKindIsClosed() {
		this.acceptor.serveBacklogAndClose();
		this.server.runPendingTasks();
		assertThat(this.server.isOpen()).isFalse();
	}

	@Test
	void aSocketIsClosedWhenItsSelectorHasLetGoOfIt() {
		AtomicReference<Boolean> registered = new AtomicReference<>();
		Channel nio = bind(NettyTransport.NIO);
		nio.pipeline().addLast(new ChannelOutboundHandlerAdapter() {

			@Override
			public void close(ChannelHandlerContext context, ChannelPromise promise) {
				registered.set(((NioUnsafe) context.channel().unsafe()).ch().isRegistered());
				context.close(promise);
			}

		});
		new NettyAcceptor(nio, this.connections).serveBacklogAndClose().syncUninterruptibly();
		assertThat(registered).hasValue(false);
	}

	@ParameterizedTest
	@EnumSource(NettyTransport.class)
	void connectionsInTheBacklogAreAcceptedBeforeTheSocketIsClosed(NettyTransport transport) throws Exception {
		Channel bound = bind(transport);
		int port = NettyTransport.port(bound);
		NettyAcceptor acceptor = new NettyAcceptor(bound, this.connections);
		NettyTransport.inEventLoop(bound, () -> {
			fillBacklog(port);
			return acceptor.serveBacklogAndClose();
		}).syncUninterruptibly();
		assertThat(this.accepted).hasValue(MORE_THAN_AT_A_TIME);
		assertThat(NettyTransport.isRefused(port)).isTrue();
	}

	/**
	 * As when the first read without a connection takes its time, to load classes.
	 */
	@ParameterizedTest
	@EnumSource(NettyTransport.class)
	void aConnectionThatComesDuringAReadThatFindsNoneIsAccepted(NettyTransport transport) throws Exception {
		Channel bound = bind(transport);
		int port = NettyTransport.port(bound);
		NettyAcceptor acceptor = new NettyAcceptor(bound, this.connections);
		AtomicInteger reads = new AtomicInteger();
		bound.pipeline().addLast(new ChannelInboundHandlerAdapter() {

			@Override
			public void channelReadComplete(ChannelHandlerContext context) throws IOException {
				if (reads.getAndIncrement() == 0) {
					new Socket(InetAddress.getLoopbackAddress(), port).close();
				}
				context.fireChannelReadComplete();
			}

		});
		acceptor.serveBacklogAndClose().syncUninterruptibly();
		assertThat(this.accepted).hasValue(1);
	}

	@ParameterizedTest
	@EnumSource(NettyTransport.class)
	void connectionsInTheBacklogAreNotAcceptedIfTheSocketIsOnlyClosed(NettyTransport transport) throws Exception {
		Channel bound = bind(transport);
		int port = NettyTransport.port(bound);
		NettyAcceptor acceptor = new NettyAcceptor(bound, this.connections);
		NettyTransport.inEventLoop(bound, () -> {
			fillBacklog(port);
			return acceptor.close();
		}).syncUninterruptibly();
		await().until(() -> NettyTransport.isRefused(port));
		assertThat(this.accepted).hasValue(0);
	}

	@ParameterizedTest
	@EnumSource(NettyTransport.class)
	void aServerThatIsClosedIsLeftAlone(NettyTransport transport) {
		Channel bound = bind(transport);
		NettyAcceptor acceptor = new NettyAcceptor(bound, this.connections);
		bound.close().syncUninterruptibly();
		shutdown();
		assertThat(acceptor.serveBacklogAndClose().isDone()).isTrue();
		assertThat(acceptor.close().isDone()).isTrue();
	}

	private Channel bind(NettyTransport transport) {
		EventLoopGroup loops = transport.eventLoop();
		this.loops = loops;
		Channel bound = transport.bind(loops);
		bound.pipeline().addFirst(new ChannelInboundHandlerAdapter() {

			@Override
			public void channelRead(ChannelHandlerContext context, Object connection) {
				NettyAcceptorTests.this.accepted.incrementAndGet();
				context.fireChannelRead(connection);
			}

		});
		return bound;
	}

	private static void fillBacklog(int port) throws IOException {
		for (int i = 0; i < MORE_THAN_AT_A_TIME; i++) {
			new Socket(InetAddress.getLoopbackAddress(), port).close();
		}
	}

}
