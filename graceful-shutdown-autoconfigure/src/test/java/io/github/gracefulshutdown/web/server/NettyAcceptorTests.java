package io.github.gracefulshutdown.web.server;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link NettyAcceptor}.
 *
 * @author The Graceful Shutdown authors
 */
class NettyAcceptorTests {

	private final ChannelGroup connections = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);

	private final EmbeddedChannel server = new EmbeddedChannel();

	private final NettyAcceptor acceptor = new NettyAcceptor(this.server, this.connections);

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
		assertThat(this.server.isOpen()).isFalse();
	}

}
