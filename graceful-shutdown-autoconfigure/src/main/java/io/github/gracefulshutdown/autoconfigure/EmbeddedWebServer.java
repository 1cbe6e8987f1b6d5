package io.github.gracefulshutdown.autoconfigure;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;

/**
 * The web server of an application context.
 *
 * @author The Graceful Shutdown authors
 */
final class EmbeddedWebServer {

	private EmbeddedWebServer() {
	}

	/**
	 * Return the web server, or {@code null} if the context does not have one (yet).
	 * @param context the application context
	 * @return supplies the web server
	 */
	static Supplier<@Nullable WebServer> of(ApplicationContext context) {
		return () -> (context instanceof WebServerApplicationContext web) ? web.getWebServer() : null;
	}

}
