package io.github.gracefulshutdown.web.server;

import io.github.gracefulshutdown.web.ReactiveApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * The drain of WebFlux on Tomcat.
 *
 * @author The Graceful Shutdown authors
 */
class ReactiveTomcatDrainTests extends ServerDrainTests {

	@Override
	SpringApplicationBuilder application() {
		return EmbeddedServer.TOMCAT.application(ReactiveApplication.class, WebApplicationType.REACTIVE);
	}

}
