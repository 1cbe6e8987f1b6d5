package io.github.gracefulshutdown.web.server;

import io.github.gracefulshutdown.web.ServletApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * The drain of Spring MVC on Tomcat.
 *
 * @author The Graceful Shutdown authors
 */
class TomcatDrainTests extends ServerDrainTests {

	@Override
	SpringApplicationBuilder application() {
		return EmbeddedServer.TOMCAT.application(ServletApplication.class, WebApplicationType.SERVLET);
	}

}
