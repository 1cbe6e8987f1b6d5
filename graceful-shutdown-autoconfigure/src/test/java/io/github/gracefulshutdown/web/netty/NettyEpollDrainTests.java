package io.github.gracefulshutdown.web.netty;

import io.github.gracefulshutdown.web.ConnectorDrainTests;
import io.github.gracefulshutdown.web.EmbeddedServer;
import io.github.gracefulshutdown.web.ReactiveApplication;
import io.netty.channel.epoll.EpollServerSocketChannel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The drain of WebFlux on Reactor Netty with epoll, the default on Linux x86_64.
 *
 * @author The Graceful Shutdown authors
 */
class NettyEpollDrainTests extends ConnectorDrainTests {

	@BeforeAll
	static void assumeEpoll() {
		NettyTransport.assumeEpoll();
	}

	@Test
	void theTransportIsEpoll() {
		assertThat(NettyTransport.serverChannel(context())).isInstanceOf(EpollServerSocketChannel.class);
	}

	@Override
	protected SpringApplicationBuilder application() {
		return EmbeddedServer.NETTY.application(ReactiveApplication.class, WebApplicationType.REACTIVE);
	}

}
