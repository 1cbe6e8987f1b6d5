package io.github.gracefulshutdown.web.netty;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.web.ConnectorPauser;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.GlobalEventExecutor;
import org.jspecify.annotations.Nullable;
import reactor.netty.channel.AbortedException;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.websocket.WebsocketOutbound;

/**
 * {@link ConnectorPauser} for Reactor Netty. Neither Spring Boot nor Reactor Netty can
 * close a socket and still serve its connections, so this class keeps both from the
 * moment at which the server is built.
 *
 * @author The Graceful Shutdown authors
 */
public final class NettyConnectorPauser implements ConnectorPauser {

	private static final long CLOSE_MILLIS = 1000;

	private static final long GO_AWAY_MILLIS = 500;

	private static final AttributeKey<Boolean> GOING_AWAY = AttributeKey.valueOf(NettyConnectorPauser.class,
			"goingAway");

	private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

	private final boolean serveBacklog;

	private volatile @Nullable NettyAcceptor acceptor;

	/**
	 * Create a pauser.
	 * @param serveBacklog whether to serve the connections in the backlog
	 */
	public NettyConnectorPauser(boolean serveBacklog) {
		this.serveBacklog = serveBacklog;
	}

	/**
	 * Customize a server so that it can be paused.
	 * @param server the server
	 * @return the customized server
	 */
	public HttpServer customize(HttpServer server) {
		// The acceptor misses connections that come while it is created
		return server.doOnBound((bound) -> this.acceptor = new NettyAcceptor(bound.channel(), this.connections))
			.doOnChannelInit((observer, channel, address) -> {
				channel.pipeline().addFirst(new ReceivedHandler());
				this.connections.add(channel);
			});
	}

	@Override
	public boolean isRunning() {
		return this.acceptor != null;
	}

	@Override
	public void pause() {
		NettyAcceptor acceptor = this.acceptor;
		if (acceptor != null) {
			ChannelFuture closed = this.serveBacklog ? acceptor.serveBacklogAndClose() : acceptor.close();
			closed.awaitUninterruptibly(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
			this.connections.forEach(NettyConnectorPauser::goAway);
		}
	}

	/**
	 * Tell an HTTP/2 client to go away. The first GOAWAY still admits all streams,
	 * because some may be on their way. A moment later the connection is closed: that
	 * names the last stream, and finishes those in progress.
	 * @param connection a connection of any kind
	 */
	private static void goAway(Channel connection) {
		Http2ConnectionHandler http2 = connection.pipeline().get(Http2ConnectionHandler.class);
		if (http2 != null && connection.attr(GOING_AWAY).getAndSet(true) == null) {
			ChannelHandlerContext context = connection.pipeline().context(http2);
			context.executor().execute(() -> {
				http2.goAway(context, Integer.MAX_VALUE, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER,
						context.newPromise());
				context.flush();
			});
			context.executor().schedule(() -> connection.close(), GO_AWAY_MILLIS, TimeUnit.MILLISECONDS);
		}
	}

	@Override
	public boolean hasOpenConnections() {
		this.connections.forEach(NettyConnectorPauser::goAway);
		return this.connections.stream().anyMatch(Channel::isOpen);
	}

	@Override
	public boolean isReceivingWebSockets(Duration quiet) {
		return this.connections.stream()
			.anyMatch((connection) -> isReceiving(connection, quiet)
					&& ChannelOperations.get(connection) instanceof WebsocketOutbound);
	}

	@Override
	public boolean closeWebSockets(Duration quiet) {
		boolean open = false;
		for (Channel connection : this.connections) {
			if (ChannelOperations.get(connection) instanceof WebsocketOutbound webSocket) {
				open = true;
				if (!isReceiving(connection, quiet)) {
					webSocket.sendClose(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE.code(), null).subscribe();
				}
			}
		}
		return open;
	}

	private static boolean isReceiving(Channel connection, Duration quiet) {
		ReceivedHandler handler = connection.pipeline().get(ReceivedHandler.class);
		return handler != null && System.nanoTime() - handler.receivedNanos < quiet.toNanos();
	}

	/**
	 * Closed first, because Netty logs an error on an open connection.
	 */
	@Override
	public Exception cut(Object nativeResponse) {
		if (nativeResponse instanceof ChannelOperations<?, ?> operations) {
			operations.channel().close();
		}
		return new AbortedException("The stream was ended by the shutdown");
	}

	@Override
	public void abandon() {
		// Nothing to do: Netty does not wait for requests
	}

	/**
	 * Notes when its connection receives something. A reactive handler does not say when
	 * it has dealt with a message.
	 */
	private static final class ReceivedHandler extends ChannelInboundHandlerAdapter {

		private volatile long receivedNanos = System.nanoTime();

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
			this.receivedNanos = System.nanoTime();
			super.channelRead(context, message);
		}

	}

}
