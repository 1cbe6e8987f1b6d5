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
 * Notes each connection that a Netty server accepts, before the event loop of the
 * connection does, and serves the connections in the backlog before it closes the
 * server's socket.
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
	 * @param connections the group to which connections are added
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
	ChannelFuture serveBacklogAndClose() {
		// The event loop of a closed server may have ended
		if (this.server.isOpen()) {
			this.server.eventLoop().execute(this::stop);
		}
		return this.server.closeFuture();
	}

	/**
	 * Close the socket, as Netty does.
	 * @return completed when the socket is closed
	 */
	ChannelFuture close() {
		return this.server.close();
	}

	// While it is registered with a selector, a closed socket stays open
	private void stop() {
		if (this.server.unsafe() instanceof NioUnsafe nio
				&& this.server.eventLoop() instanceof SingleThreadEventLoop loop) {
			this.server.deregister();
			serveWhenDeregistered(nio, loop, System.nanoTime());
		}
		else {
			serveAndClose();
		}
	}

	private void serveWhenDeregistered(NioUnsafe nio, SingleThreadEventLoop loop, long begin) {
		if (nio.ch().isRegistered() && System.nanoTime() - begin < MOST_NANOS) {
			// A new task, because the selector deregisters the socket only between two
			// iterations
			loop.execute(() -> loop.executeAfterEventLoopIteration(() -> serveWhenDeregistered(nio, loop, begin)));
		}
		else {
			serveAndClose();
		}
	}

	// Twice without a connection, because the first read that finds none loads classes,
	// while connections arrive
	private void serveAndClose() {
		try {
			long begin = System.nanoTime();
			int withoutConnection = 0;
			for (int i = 0; i < MOST_READS && withoutConnection < 2 && System.nanoTime() - begin < MOST_NANOS; i++) {
				int before = this.accepted;
				read();
				withoutConnection = (this.accepted == before) ? withoutConnection + 1 : 0;
			}
		}
		finally {
			closeSocket();
			this.server.close();
		}
	}

	// Netty's own close first loads classes, while connections arrive that it resets
	private void closeSocket() {
		try {
			if (this.server.unsafe() instanceof NioUnsafe nio) {
				nio.ch().close();
			}
			else if (EPOLL) {
				Epoll.closeSocket(this.server);
			}
		}
		catch (IOException ex) {
			logger.debug("Failed to close the socket", ex);
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
	 * The native transport on Linux. A nested class, because its library is optional.
	 */
	private static final class Epoll {

		private static final EpollIoEvent READABLE = () -> EpollIoOps.EPOLLIN;

		private static void read(Channel server) {
			if (server.unsafe() instanceof EpollIoHandle handle) {
				handle.handle(null, READABLE);
			}
		}

		private static void closeSocket(Channel server) throws IOException {
			if (server.unsafe() instanceof EpollIoHandle handle) {
				handle.fd().close();
			}
		}

	}

}
