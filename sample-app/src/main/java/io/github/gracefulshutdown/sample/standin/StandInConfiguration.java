package io.github.gracefulshutdown.sample.standin;

import java.io.IOException;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Runs the stand-in for GitHub beside the application. It stops in a destroy method, not
 * as a lifecycle: like the real GitHub, it must outlive the last job.
 *
 * @author The Graceful Shutdown authors
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("bot.stand-in.enabled")
class StandInConfiguration {

	@Bean(destroyMethod = "close")
	GitHubStandIn gitHubStandIn(StandInProperties properties) throws IOException {
		return new GitHubStandIn(properties);
	}

}
