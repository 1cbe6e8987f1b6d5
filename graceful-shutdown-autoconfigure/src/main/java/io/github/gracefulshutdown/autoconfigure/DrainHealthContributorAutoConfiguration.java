package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.actuate.DrainHealthIndicator;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the
 * {@link DrainHealthIndicator}.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass(ConditionalOnEnabledHealthIndicator.class)
@ConditionalOnEnabledHealthIndicator("drain")
public final class DrainHealthContributorAutoConfiguration {

	@Bean
	DrainHealthIndicator drainHealthIndicator(GracefulShutdown shutdown) {
		return new DrainHealthIndicator(shutdown);
	}

}
