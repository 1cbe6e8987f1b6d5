package io.github.gracefulshutdown.web.netty;

import io.github.gracefulshutdown.web.EmbeddedServer;
import io.github.gracefulshutdown.web.ReactiveApplication;
import io.github.gracefulshutdown.web.ServerDrainTests;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * The drain of WebFlux on Reactor Netty.
 *
 * @author The Graceful Shutdown authors
 */
class NettyDrainTests extends ServerDrainTests {

	@Override
	protected SpringApplicationBuilder application() {
		return EmbeddedServer.NETTY.application(ReactiveApplication.class, WebApplicationType.REACTIVE);
	}

}
