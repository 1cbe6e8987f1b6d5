package io.github.gracefulshutdown.web.netty;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.web.ConnectorDrainTests;
import io.github.gracefulshutdown.web.EmbeddedServer;
import io.github.gracefulshutdown.web.ReactiveApplication;
import io.github.gracefulshutdown.web.WebSocketClient;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of WebFlux on Reactor Netty with NIO.
 *
 * @author The Graceful Shutdown authors
 */
class NettyDrainTests extends ConnectorDrainTests {

	@Test
	void theTransportIsNio() {
		assertThat(NettyTransport.serverChannel(context())).isInstanceOf(NioServerSocketChannel.class);
	}

	@Test
	void aWebSocketMessageHasAShortTimeToBeDealtWith() throws Exception {
		start("--graceful-shutdown.streams.quiet=3s");
		WebSocketClient client = new WebSocketClient(port(), "/replying");
		client.send("message");
		requestsHeld().awaitArrival("message");
		CompletableFuture<DrainReport> report = shutdown();
		await().until(this::isRefused);
		await().pollDelay(Duration.ofMillis(500)).until(() -> !report.isDone());
		assertThat(client.isClosed()).isFalse();
		requestsHeld().release("message");
		assertThat(client.awaitClosed()).isEqualTo(1001);
		assertThat(client.getReceived()).containsExactly("reply to message");
		assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
	}

	@Override
	protected SpringApplicationBuilder application() {
		return EmbeddedServer.NETTY.application(ReactiveApplication.class, WebApplicationType.REACTIVE)
			.sources(NioConfiguration.class);
	}

	/**
	 * Prefers NIO to a native transport.
	 */
	@Configuration(proxyBeanMethods = false)
	static class NioConfiguration {

		@Bean
		ReactorResourceFactory reactorResourceFactory() {
			ReactorResourceFactory resources = new ReactorResourceFactory();
			resources.setUseGlobalResources(false);
			resources.setLoopResourcesSupplier(NioLoopResources::new);
			resources.setShutdownQuietPeriod(Duration.ZERO);
			return resources;
		}

	}

	/**
	 * Event loops that are never native.
	 */
	private static final class NioLoopResources implements LoopResources {

		private final LoopResources loops = LoopResources.create("nio");

		@Override
		public EventLoopGroup onServer(boolean useNative) {
			return this.loops.onServer(false);
		}

		@Override
		public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
			return this.loops.disposeLater(quietPeriod, timeout);
		}

	}

}
