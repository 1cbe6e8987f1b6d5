package io.github.gracefulshutdown.web.server;

import io.github.gracefulshutdown.web.ReactiveApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * The drain of WebFlux on Jetty.
 *
 * @author The Graceful Shutdown authors
 */
class ReactiveJettyDrainTests extends ServerDrainTests {

	@Override
	SpringApplicationBuilder application() {
		return EmbeddedServer.JETTY.application(ReactiveApplication.class, WebApplicationType.REACTIVE);
	}

}
