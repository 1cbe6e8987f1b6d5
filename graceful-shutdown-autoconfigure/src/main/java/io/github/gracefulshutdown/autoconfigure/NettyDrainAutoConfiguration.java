package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.web.netty.NettyConnectorPauser;
import reactor.netty.http.server.HttpServer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.reactor.netty.autoconfigure.ReactorNettyProperties;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the drain of an embedded Reactor
 * Netty.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class, before = RequestDrainAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass({ HttpServer.class, NettyReactiveWebServerFactory.class })
@ConditionalOnWebApplication(type = Type.REACTIVE)
public final class NettyDrainAutoConfiguration {

	/**
	 * Not a bean of a customizer's type: those are applied to the management server too.
	 * @param properties the properties
	 * @return the pauser
	 */
	@Bean
	NettyConnectorPauser drainNettyConnectorPauser(GracefulShutdownProperties properties) {
		return new NettyConnectorPauser(properties.getConnector().isServeBacklog());
	}

	@Bean
	WebServerFactoryCustomizer<NettyReactiveWebServerFactory> drainNettyWebServerFactoryCustomizer(
			NettyConnectorPauser pauser) {
		return (factory) -> factory.addServerCustomizers(pauser::customize);
	}

	@Bean
	static ReactorResourceFactoryBeanPostProcessor drainReactorResourceFactoryBeanPostProcessor(
			ConfigurableListableBeanFactory beanFactory, ObjectProvider<ReactorNettyProperties> properties) {
		return new ReactorResourceFactoryBeanPostProcessor(beanFactory, properties);
	}

}
