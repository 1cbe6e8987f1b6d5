package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.web.tomcat.BacklogHttp11NioProtocol;
import io.github.gracefulshutdown.web.tomcat.TomcatConnectorPauser;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.ProtocolHandler;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.tomcat.TomcatContextCustomizer;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.util.ClassUtils;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the pausing of Tomcat's
 * connectors.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class, before = RequestDrainAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass({ Tomcat.class, TomcatWebServer.class })
@ConditionalOnWebApplication
@ImportRuntimeHints(TomcatDrainAutoConfiguration.ProtocolRuntimeHints.class)
public final class TomcatDrainAutoConfiguration {

	/**
	 * Tomcat waits for 1/20 of this value; zero would wait forever.
	 */
	private static final long UNLOAD_DELAY_MILLIS = 20;

	private static final String PROTOCOL = BacklogHttp11NioProtocol.class.getName();

	/**
	 * Tomcat waits for the requests of a servlet before it unloads the servlet, and no
	 * interrupt ends that wait. The drain has waited for them already.
	 * @return the customizer
	 */
	@Bean
	TomcatContextCustomizer drainTomcatContextCustomizer() {
		return (context) -> {
			if (context instanceof StandardContext standardContext) {
				standardContext.setUnloadDelay(UNLOAD_DELAY_MILLIS);
			}
		};
	}

	/**
	 * Replaces only the default protocol, and only if Tomcat's class loader sees ours.
	 * @param properties the properties
	 * @return the customizer
	 */
	@Bean
	WebServerFactoryCustomizer<TomcatWebServerFactory> drainTomcatWebServerFactoryCustomizer(
			GracefulShutdownProperties properties) {
		return (factory) -> {
			if (properties.getConnector().isPause() && properties.getConnector().isServeBacklog()
					&& TomcatWebServerFactory.DEFAULT_PROTOCOL.equals(factory.getProtocol())
					&& ClassUtils.isPresent(PROTOCOL, ProtocolHandler.class.getClassLoader())) {
				factory.setProtocol(PROTOCOL);
			}
		};
	}

	@Bean
	TomcatConnectorPauser drainTomcatConnectorPauser(ApplicationContext context) {
		return new TomcatConnectorPauser(EmbeddedWebServer.of(context));
	}

	/**
	 * Tomcat creates the protocol by name.
	 */
	static class ProtocolRuntimeHints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.reflection().registerType(BacklogHttp11NioProtocol.class, MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS);
		}

	}

}
