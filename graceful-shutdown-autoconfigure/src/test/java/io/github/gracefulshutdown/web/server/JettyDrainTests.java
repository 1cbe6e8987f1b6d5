package io.github.gracefulshutdown.web.server;

import io.github.gracefulshutdown.web.ServletApplication;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * The drain of Spring MVC on Jetty.
 *
 * @author The Graceful Shutdown authors
 */
class JettyDrainTests extends ServerDrainTests {

	@Test
	void withoutAcceptorsAnIdleConnectionIsServedToo() throws Exception {
		anIdleConnectionIsServedDuringTheDrainAndThenClosed("--server.jetty.threads.acceptors=0");
	}

	@Override
	SpringApplicationBuilder application() {
		return EmbeddedServer.JETTY.application(ServletApplication.class, WebApplicationType.SERVLET);
	}

}
