package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.core.env.Environment;

/**
 * The default time between SIGTERM and SIGKILL of each platform.
 *
 * @author The Graceful Shutdown authors
 */
final class GracePeriod {

	private static final Duration DEFAULT = Duration.ofSeconds(30);

	private GracePeriod() {
	}

	/**
	 * Return the grace period of the platform that the application runs on.
	 * @param environment the environment that reveals the platform
	 * @return the default of that platform; 30 s for any other
	 */
	static Duration of(Environment environment) {
		return of(CloudPlatform.getActive(environment));
	}

	static Duration of(@Nullable CloudPlatform platform) {
		if (platform == null) {
			return DEFAULT;
		}
		return switch (platform) {
			case CLOUD_FOUNDRY -> Duration.ofSeconds(10);
			case NOMAD, AZURE_APP_SERVICE -> Duration.ofSeconds(5);
			default -> DEFAULT;
		};
	}

}
