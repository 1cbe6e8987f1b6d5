package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.web.jetty.JettyConnectorPauser;
import org.eclipse.jetty.server.Server;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.jetty.JettyWebServer;
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

	@Bean
	JettyConnectorPauser drainJettyConnectorPauser(ApplicationContext context, GracefulShutdownProperties properties) {
		return new JettyConnectorPauser(EmbeddedWebServer.of(context), properties.getConnector().isServeBacklog());
	}

}
