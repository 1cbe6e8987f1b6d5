package io.github.gracefulshutdown.web.jetty;

import io.github.gracefulshutdown.web.EmbeddedServer;
import io.github.gracefulshutdown.web.ReactiveApplication;
import io.github.gracefulshutdown.web.ServerDrainTests;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * The drain of WebFlux on Jetty.
 *
 * @author The Graceful Shutdown authors
 */
class ReactiveJettyDrainTests extends ServerDrainTests {

	@Override
	protected SpringApplicationBuilder application() {
		return EmbeddedServer.JETTY.application(ReactiveApplication.class, WebApplicationType.REACTIVE);
	}

}
