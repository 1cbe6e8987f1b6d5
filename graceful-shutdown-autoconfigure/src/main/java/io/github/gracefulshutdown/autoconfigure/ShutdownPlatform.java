package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The platforms that can be recognised, and the time that each gives between its signal
 * and SIGKILL. If several match, the first of them counts: some platforms run on
 * Kubernetes.
 *
 * @author The Graceful Shutdown authors
 */
enum ShutdownPlatform {

	HEROKU("Heroku", CloudPlatform.HEROKU, List.of("DYNO"), "SIGTERM", 30, "cannot be changed"),

	CLOUD_FOUNDRY("Cloud Foundry", CloudPlatform.CLOUD_FOUNDRY, List.of("VCAP_APPLICATION"), "SIGTERM", 10,
			"set by its operator"),

	NOMAD("Nomad", CloudPlatform.NOMAD, List.of("NOMAD_ALLOC_ID"), "SIGINT, with Docker SIGTERM", 5,
			"set by `kill_timeout`"),

	FLY("Fly.io", null, List.of("FLY_APP_NAME"), "SIGINT", 5, "set by `kill_timeout`"),

	RENDER("Render", null, List.of("RENDER", "RENDER_SERVICE_ID"), "SIGTERM", 30, "set by `maxShutdownDelaySeconds`"),

	RAILWAY("Railway", null, List.of("RAILWAY_PROJECT_ID"), "SIGTERM", 0, "set by",
			"RAILWAY_DEPLOYMENT_DRAINING_SECONDS"),

	AZURE_APP_SERVICE("Azure App Service", CloudPlatform.AZURE_APP_SERVICE, List.of("WEBSITE_SITE_NAME"), "SIGTERM", 5,
			"set by", "WEBSITES_CONTAINER_STOP_TIME_LIMIT"),

	AZURE_CONTAINER_APPS("Azure Container Apps", null, List.of("CONTAINER_APP_NAME"), "SIGTERM", 30,
			"set by `terminationGracePeriodSeconds`"),

	ECS("ECS", CloudPlatform.AWS_ECS, List.of("ECS_CONTAINER_METADATA_URI_V4"), "SIGTERM", 30, "set by `stopTimeout`"),

	KUBERNETES("Kubernetes", CloudPlatform.KUBERNETES, List.of("KUBERNETES_SERVICE_HOST"), "SIGTERM", 30,
			"set by `terminationGracePeriodSeconds`"),

	CLOUD_RUN("Cloud Run", null, List.of("K_SERVICE"), "SIGTERM", 10, "cannot be changed"),

	/**
	 * Every descendant of a unit inherits INVOCATION_ID, a terminal of a desktop for
	 * example. Only the main process of a unit gets the unit's time.
	 */
	SYSTEMD("systemd", null, List.of("INVOCATION_ID", "SYSTEMD_EXEC_PID"), "SIGTERM", 90, "set by `TimeoutStopSec`") {

		@Override
		boolean isDetected(Environment environment) {
			return super.isDetected(environment) && String.valueOf(ProcessHandle.current().pid())
				.equals(environment.getProperty("SYSTEMD_EXEC_PID"));
		}

	};

	private final String displayName;

	private final @Nullable CloudPlatform cloudPlatform;

	private final List<String> variables;

	private final String signal;

	private final Duration gracePeriod;

	private final String setting;

	private final @Nullable String settingVariable;

	ShutdownPlatform(String displayName, @Nullable CloudPlatform cloudPlatform, List<String> variables, String signal,
			int seconds, String setting) {
		this(displayName, cloudPlatform, variables, signal, seconds, setting, null);
	}

	/**
	 * Create a platform.
	 * @param displayName its name, for the log
	 * @param cloudPlatform the same platform in Spring Boot, if that knows it
	 * @param variables the environment variables that it sets
	 * @param signal the signals by which it stops a process
	 * @param seconds its default time between the signal and SIGKILL, or 0 if it kills at
	 * once by default
	 * @param setting how to change that time
	 * @param settingVariable the environment variable that holds the time in seconds, if
	 * there is one
	 */
	ShutdownPlatform(String displayName, @Nullable CloudPlatform cloudPlatform, List<String> variables, String signal,
			int seconds, String setting, @Nullable String settingVariable) {
		this.displayName = displayName;
		this.cloudPlatform = cloudPlatform;
		this.variables = variables;
		this.signal = signal;
		this.gracePeriod = Duration.ofSeconds(seconds);
		this.setting = (settingVariable != null) ? "%s `%s`".formatted(setting, settingVariable) : setting;
		this.settingVariable = settingVariable;
	}

	/**
	 * Return the platform that the application runs on. The property
	 * {@code spring.main.cloud-platform} decides, if it is set.
	 * @param environment the environment that reveals the platform
	 * @return the platform, or {@code null} if none is recognised
	 */
	static @Nullable ShutdownPlatform getActive(Environment environment) {
		boolean enforced = environment.containsProperty("spring.main.cloud-platform");
		Predicate<ShutdownPlatform> active = enforced ? (platform) -> platform.isEnforced(environment)
				: (platform) -> platform.isDetected(environment);
		return Stream.of(values()).filter(active).findFirst().orElse(null);
	}

	private boolean isEnforced(Environment environment) {
		return this.cloudPlatform != null && this.cloudPlatform.isEnforced(environment);
	}

	boolean isDetected(Environment environment) {
		return (this.cloudPlatform != null && this.cloudPlatform.isDetected(environment))
				|| this.variables.stream().allMatch(environment::containsProperty);
	}

	GracePeriod getGracePeriod(Environment environment) {
		String seconds = (this.settingVariable != null) ? environment.getProperty(this.settingVariable) : null;
		if (seconds != null && seconds.matches("[1-9]\\d{0,4}")) {
			return new GracePeriod(Duration.ofSeconds(Integer.parseInt(seconds)),
					"%s of %s".formatted(this.settingVariable, this.displayName));
		}
		if (this.gracePeriod.isZero()) {
			return new GracePeriod(GracePeriod.UNKNOWN,
					"default; %s gives 0 s, %s".formatted(this.displayName, StringUtils.delete(this.setting, "`")));
		}
		return new GracePeriod(this.gracePeriod,
				"default of %s, %s".formatted(this.displayName, StringUtils.delete(this.setting, "`")));
	}

	/**
	 * Return whether files last when this platform replaces an instance.
	 * @return {@code false} if they are lost, unless they are on a volume
	 */
	boolean hasLastingDisk() {
		return this == SYSTEMD;
	}

	String getDisplayName() {
		return this.displayName;
	}

	/**
	 * Return the row of this platform in the documentation.
	 * @return the row
	 */
	String toRow() {
		String recognised = String.join(", ", this.variables.stream().map("`%s`"::formatted).toList());
		return "| %s | %s | %s | %s | %s |".formatted(this.displayName, recognised, this.signal,
				this.gracePeriod.toSeconds() + " s", this.setting);
	}

}
