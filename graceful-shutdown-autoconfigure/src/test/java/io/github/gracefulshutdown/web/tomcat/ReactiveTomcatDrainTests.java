package io.github.gracefulshutdown.web.tomcat;

import io.github.gracefulshutdown.web.EmbeddedServer;
import io.github.gracefulshutdown.web.ReactiveApplication;
import io.github.gracefulshutdown.web.ServerDrainTests;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * The drain of WebFlux on Tomcat.
 *
 * @author The Graceful Shutdown authors
 */
class ReactiveTomcatDrainTests extends ServerDrainTests {

	@Override
	protected SpringApplicationBuilder application() {
		return EmbeddedServer.TOMCAT.application(ReactiveApplication.class, WebApplicationType.REACTIVE);
	}

}
