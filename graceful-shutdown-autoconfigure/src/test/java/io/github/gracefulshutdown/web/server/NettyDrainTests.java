package io.github.gracefulshutdown.web.server;

import io.github.gracefulshutdown.web.ReactiveApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * The drain of WebFlux on Reactor Netty.
 *
 * @author The Graceful Shutdown authors
 */
class NettyDrainTests extends ServerDrainTests {

	@Override
	SpringApplicationBuilder application() {
		return EmbeddedServer.NETTY.application(ReactiveApplication.class, WebApplicationType.REACTIVE);
	}

}
