package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.web.server.JettyConnectorPauser;
import org.eclipse.jetty.server.Server;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.jetty.JettyWebServer;
import org.springframework.boot.jetty.JettyWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the drain of an embedded Jetty.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class, before = RequestDrainAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass({ Server.class, JettyWebServer.class })
@ConditionalOnWebApplication
public final class JettyDrainAutoConfiguration {

	/**
	 * Acceptor threads cannot be stopped without closing the socket, and with it the
	 * connections in its backlog, so Jetty's selectors accept instead, unless the number
	 * of acceptors has been set.
	 * @param properties the properties
	 * @return the customizer
	 */
	@Bean
	WebServerFactoryCustomizer<JettyWebServerFactory> drainJettyWebServerFactoryCustomizer(
			GracefulShutdownProperties properties) {
		return (factory) -> {
			if (properties.getConnector().isPause() && factory.getAcceptors() < 0) {
				factory.setAcceptors(0);
			}
		};
	}

	@Bean
	JettyConnectorPauser jettyConnectorPauser(ApplicationContext context) {
		return new JettyConnectorPauser(
				() -> (context instanceof WebServerApplicationContext web) ? web.getWebServer() : null);
	}

}
