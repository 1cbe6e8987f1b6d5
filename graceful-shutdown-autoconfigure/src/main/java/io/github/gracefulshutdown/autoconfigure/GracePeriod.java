package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;

import org.springframework.core.env.Environment;

/**
 * The time between the signal to stop and SIGKILL.
 *
 * @param duration the time
 * @param source where it comes from, for the log
 * @author The Graceful Shutdown authors
 */
record GracePeriod(Duration duration, String source) {

	/**
	 * The grace period if no other is known.
	 */
	static final Duration UNKNOWN = Duration.ofSeconds(30);

	// Docker and Compose leave no trace by which a container could recognise them
	private static final GracePeriod DEFAULT = new GracePeriod(UNKNOWN,
			"default; Docker and Compose give 10 s, systemd 90 s");

	/**
	 * Return the grace period of the platform that the application runs on.
	 * @param environment the environment that reveals the platform
	 * @return the default of that platform; 30 s if none is recognised
	 */
	static GracePeriod of(Environment environment) {
		ShutdownPlatform platform = ShutdownPlatform.getActive(environment);
		return (platform != null) ? platform.getGracePeriod(environment) : DEFAULT;
	}

	static GracePeriod configured(Duration duration) {
		return new GracePeriod(duration, "graceful-shutdown.grace-period");
	}

}
