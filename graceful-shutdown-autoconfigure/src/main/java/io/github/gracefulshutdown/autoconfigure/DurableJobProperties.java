package io.github.gracefulshutdown.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * {@link ConfigurationProperties @ConfigurationProperties} for durable jobs.
 *
 * @author The Graceful Shutdown authors
 */
@ConfigurationProperties("graceful-shutdown.durable")
public class DurableJobProperties {

	/**
	 * Whether methods can be durable jobs. By default if
	 * graceful-shutdown-durable-starter is on the classpath.
	 */
	private @Nullable Boolean enabled;

	/**
	 * How calls of durable jobs are done.
	 */
	private Mode mode = Mode.STORE;

	/**
	 * File in which the jobs are kept. By default the database of the application, or
	 * durable-jobs.db in the working directory if there is none.
	 */
	private @Nullable Path file;

	/**
	 * When the tables are created.
	 */
	private SchemaInitialization initializeSchema = SchemaInitialization.EMBEDDED;

	/**
	 * Number of durable jobs that run at once in this process.
	 */
	private int threads = 8;

	/**
	 * How often this process looks for jobs that other processes have stored.
	 */
	private Duration pollInterval = Duration.ofSeconds(1);

	public @Nullable Boolean getEnabled() {
		return this.enabled;
	}

	public void setEnabled(@Nullable Boolean enabled) {
		this.enabled = enabled;
	}

	public Mode getMode() {
		return this.mode;
	}

	public void setMode(Mode mode) {
		this.mode = mode;
	}

	public @Nullable Path getFile() {
		return this.file;
	}

	public void setFile(@Nullable Path file) {
		this.file = file;
	}

	public SchemaInitialization getInitializeSchema() {
		return this.initializeSchema;
	}

	public void setInitializeSchema(SchemaInitialization initializeSchema) {
		this.initializeSchema = initializeSchema;
	}

	public int getThreads() {
		return this.threads;
	}

	public void setThreads(int threads) {
		this.threads = threads;
	}

	public Duration getPollInterval() {
		return this.pollInterval;
	}

	public void setPollInterval(Duration pollInterval) {
		this.pollInterval = pollInterval;
	}

	/**
	 * How calls of durable jobs are done.
	 */
	public enum Mode {

		/**
		 * They are stored, and run later.
		 */
		STORE,

		/**
		 * They run like plain background jobs, for tests.
		 */
		DIRECT

	}

	/**
	 * When the tables are created.
	 */
	public enum SchemaInitialization {

		/**
		 * Always.
		 */
		ALWAYS,

		/**
		 * In an embedded database only.
		 */
		EMBEDDED,

		/**
		 * Never.
		 */
		NEVER

	}

}
