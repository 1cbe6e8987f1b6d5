package io.github.gracefulshutdown.web.netty;

import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link NettyAcceptor}.
 *
 * @author The Graceful Shutdown authors
 */
class NettyAcceptorTests {

	private final ChannelGroup connections = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);

	private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

	private final EmbeddedChannel server = new EmbeddedChannel();

	private final NettyAcceptor acceptor = new NettyAcceptor(this.server, this.connections);

	@AfterEach
	void shutdown() {
		this.loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
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
		this.acceptor.close();
		this.server.runPendingTasks();
		assertThat(this.server.isOpen()).isFalse();
	}

	@Test
	void aSocketIsClosedWhenItsSelectorHasLetGoOfIt() {
		AtomicReference<Boolean> registered = new AtomicReference<>();
		Channel nio = bind();
		nio.pipeline().addLast(new ChannelOutboundHandlerAdapter() {

			@Override
			public void close(ChannelHandlerContext context, ChannelPromise promise) {
				registered.set(((NioUnsafe) context.channel().unsafe()).ch().isRegistered());
				context.close(promise);
			}

		});
		new NettyAcceptor(nio, this.connections).close().syncUninterruptibly();
		assertThat(registered).hasValue(false);
	}

	@Test
	void aServerThatIsClosedIsLeftAlone() {
		Channel nio = bind();
		NettyAcceptor acceptor = new NettyAcceptor(nio, this.connections);
		nio.close().syncUninterruptibly();
		this.loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
		assertThat(acceptor.close().isDone()).isTrue();
	}

	private Channel bind() {
		return new ServerBootstrap().group(this.loops)
			.channel(NioServerSocketChannel.class)
			.childHandler(new ChannelInboundHandlerAdapter())
			.bind(InetAddress.getLoopbackAddress(), 0)
			.syncUninterruptibly()
			.channel();
	}

}
