package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.actuate.DrainEndpoint;
import io.github.gracefulshutdown.actuate.ReactiveDrainEndpointWebExtension;
import io.github.gracefulshutdown.drain.Workloads;
import io.github.gracefulshutdown.tracking.InFlight;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link DrainEndpoint}.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(DrainEndpoint.class)
public final class DrainEndpointAutoConfiguration {

	@Bean
	DrainEndpoint drainEndpoint(GracefulShutdown shutdown, Workloads workloads, InFlight inFlight) {
		return new DrainEndpoint(shutdown, workloads, inFlight);
	}

	/**
	 * The endpoint in reactive applications.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = Type.REACTIVE)
	static final class ReactiveConfiguration {

		@Bean
		ReactiveDrainEndpointWebExtension drainReactiveEndpointWebExtension(DrainEndpoint endpoint) {
			return new ReactiveDrainEndpointWebExtension(endpoint);
		}

	}

}
