package io.github.gracefulshutdown.web.netty;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.util.ClassUtils;

/**
 * Sees each connection that a Netty server accepts, before the event loop of the
 * connection does, and closes the server's socket when nothing waits in its backlog.
 *
 * @author The Graceful Shutdown authors
 */
final class NettyAcceptor extends ChannelInboundHandlerAdapter {

	private static final Log logger = LogFactory.getLog(NettyAcceptor.class);

	private static final int MOST_READS = 1000;

	private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	private static final boolean EPOLL = ClassUtils.isPresent("io.netty.channel.epoll.EpollIoHandle",
			NettyAcceptor.class.getClassLoader());

	private final ChannelGroup connections;

	private final Channel server;

	private int accepted;

	/**
	 * Create an acceptor.
	 * @param server the channel that accepts connections
	 * @param connections where they are added
	 */
	NettyAcceptor(Channel server, ChannelGroup connections) {
		this.server = server;
		this.connections = connections;
		server.pipeline().addFirst(this);
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object connection) {
		this.accepted++;
		this.connections.add((Channel) connection);
		context.fireChannelRead(connection);
	}

	/**
	 * Serve the connections in the backlog, and close the socket.
	 * @return completed when the socket is closed
	 */
	ChannelFuture close() {
		// Else its event loop may have ended
		if (this.server.isOpen()) {
			this.server.eventLoop().execute(this::stop);
		}
		return this.server.closeFuture();
	}

	// As long as it is registered with a selector, a socket that is closed stays open
	private void stop() {
		if (this.server.unsafe() instanceof NioUnsafe nio
				&& this.server.eventLoop() instanceof SingleThreadEventLoop loop) {
			this.server.deregister();
			serveBacklogAndClose(nio, loop, System.nanoTime());
		}
		else {
			serveBacklogAndClose();
		}
	}

	private void serveBacklogAndClose(NioUnsafe nio, SingleThreadEventLoop loop, long begin) {
		if (nio.ch().isRegistered() && System.nanoTime() - begin < MOST_NANOS) {
			// As a task of its own, or it would be the same iteration again and no
			// selection
			loop.execute(() -> loop.executeAfterEventLoopIteration(() -> serveBacklogAndClose(nio, loop, begin)));
		}
		else {
			serveBacklogAndClose();
		}
	}

	private void serveBacklogAndClose() {
		try {
			long begin = System.nanoTime();
			int before = -1;
			for (int i = 0; i < MOST_READS && this.accepted != before && System.nanoTime() - begin < MOST_NANOS; i++) {
				before = this.accepted;
				read();
			}
		}
		finally {
			closeSocket();
			this.server.close();
		}
	}

	// Netty would load classes first, for longer than all the rest takes
	private void closeSocket() {
		if (this.server.unsafe() instanceof NioUnsafe nio) {
			try {
				nio.ch().close();
			}
			catch (IOException ex) {
				logger.debug("Failed to close the socket", ex);
			}
		}
	}

	private void read() {
		if (this.server.unsafe() instanceof NioUnsafe nio) {
			nio.read();
		}
		else if (EPOLL) {
			Epoll.read(this.server);
		}
	}

	/**
	 * The native transport on Linux, whose library may be absent.
	 */
	private static final class Epoll {

		private static final EpollIoEvent READABLE = () -> EpollIoOps.EPOLLIN;

		private static void read(Channel server) {
			if (server.unsafe() instanceof EpollIoHandle handle) {
				handle.handle(null, READABLE);
			}
		}

	}

}
