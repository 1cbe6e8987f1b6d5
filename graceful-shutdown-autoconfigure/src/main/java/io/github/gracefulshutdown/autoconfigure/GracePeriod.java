package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.core.env.Environment;

/**
 * The time that platforms give between SIGTERM and SIGKILL, by default.
 *
 * @author The Graceful Shutdown authors
 */
public final class GracePeriod {

	private static final Duration DEFAULT = Duration.ofSeconds(30);

	private GracePeriod() {
	}

	/**
	 * Return the grace period of the platform that the application runs on.
	 * @param environment the environment by which the platform is known
	 * @return what the platform gives unless it is configured otherwise; 30 s if it is
	 * not known
	 */
	public static Duration of(Environment environment) {
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
