package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * {@link ConfigurationProperties @ConfigurationProperties} for the graceful shutdown.
 *
 * @author The Graceful Shutdown authors
 */
@ConfigurationProperties("graceful-shutdown")
public class GracefulShutdownProperties {

	/**
	 * Whether the graceful shutdown is enabled.
	 */
	private boolean enabled = true;

	/**
	 * Time between the signal to stop and the platform's kill. Known for Cloud Foundry
	 * (10s), Nomad and Azure App Service (5s); 30s otherwise.
	 */
	private @Nullable Duration gracePeriod;

	/**
	 * End of the grace period that is kept for closing beans and stopping the JVM. 2s by
	 * default, but at most a fifth of the grace period.
	 */
	private @Nullable Duration reserve;

	/**
	 * Time for which the application serves on after the signal, while it tells clients
	 * and load balancers to go elsewhere.
	 */
	private Duration delay = Duration.ZERO;

	/**
	 * How long before the deadline unfinished work is interrupted. 2s by default, but at
	 * most a fifth of the grace period.
	 */
	private @Nullable Duration cancelBeforeDeadline;

	/**
	 * Time between two log lines that say what the shutdown is waiting for.
	 */
	private Duration progressInterval = Duration.ofSeconds(5);

	private final Connector connector = new Connector();

	private final Streams streams = new Streams();

	private final Jobs jobs = new Jobs();

	private final Intake intake = new Intake();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public @Nullable Duration getGracePeriod() {
		return this.gracePeriod;
	}

	public void setGracePeriod(@Nullable Duration gracePeriod) {
		this.gracePeriod = gracePeriod;
	}

	public @Nullable Duration getReserve() {
		return this.reserve;
	}

	public void setReserve(@Nullable Duration reserve) {
		this.reserve = reserve;
	}

	public Duration getDelay() {
		return this.delay;
	}

	public void setDelay(Duration delay) {
		this.delay = delay;
	}

	public @Nullable Duration getCancelBeforeDeadline() {
		return this.cancelBeforeDeadline;
	}

	public void setCancelBeforeDeadline(@Nullable Duration cancelBeforeDeadline) {
		this.cancelBeforeDeadline = cancelBeforeDeadline;
	}

	public Duration getProgressInterval() {
		return this.progressInterval;
	}

	public void setProgressInterval(Duration progressInterval) {
		this.progressInterval = progressInterval;
	}

	public Connector getConnector() {
		return this.connector;
	}

	public Streams getStreams() {
		return this.streams;
	}

	public Jobs getJobs() {
		return this.jobs;
	}

	public Intake getIntake() {
		return this.intake;
	}

	/**
	 * Properties of the embedded server's connector.
	 */
	public static class Connector {

		/**
		 * Whether the embedded server stops accepting connections after the delay.
		 */
		private boolean pause = true;

		/**
		 * Whether Tomcat, Jetty and Netty serve the connections in the accept backlog
		 * before their socket is closed. If not, Tomcat keeps its own protocol class.
		 */
		private boolean serveBacklog = true;

		/**
		 * How long idle connections may stay after the sockets were closed and after the
		 * last response, so that a request that is on its way is still answered.
		 */
		private Duration linger = Duration.ofSeconds(1);

		public boolean isPause() {
			return this.pause;
		}

		public void setPause(boolean pause) {
			this.pause = pause;
		}

		public boolean isServeBacklog() {
			return this.serveBacklog;
		}

		public void setServeBacklog(boolean serveBacklog) {
			this.serveBacklog = serveBacklog;
		}

		public Duration getLinger() {
			return this.linger;
		}

		public void setLinger(Duration linger) {
			this.linger = linger;
		}

	}

	/**
	 * Properties of responses and connections without end.
	 */
	public static class Streams {

		/**
		 * Whether responses of server-sent events or newline-delimited JSON are completed
		 * and WebSocket sessions closed after the delay.
		 */
		private boolean end = true;

		public boolean isEnd() {
			return this.end;
		}

		public void setEnd(boolean end) {
			this.end = end;
		}

	}

	/**
	 * Properties of background work.
	 */
	public static class Jobs {

		/**
		 * Whether the tasks of executor beans are waited for, also those that are not
		 * marked as background jobs.
		 */
		private boolean trackAsync = true;

		/**
		 * Whether schedules are stopped at the signal, and ticks that are running waited
		 * for.
		 */
		private boolean trackScheduled = true;

		/**
		 * Names of the executor, scheduler and batch job beans whose work is not waited
		 * for.
		 */
		private Set<String> exclude = new LinkedHashSet<>();

		public boolean isTrackAsync() {
			return this.trackAsync;
		}

		public void setTrackAsync(boolean trackAsync) {
			this.trackAsync = trackAsync;
		}

		public boolean isTrackScheduled() {
			return this.trackScheduled;
		}

		public void setTrackScheduled(boolean trackScheduled) {
			this.trackScheduled = trackScheduled;
		}

		public Set<String> getExclude() {
			return this.exclude;
		}

		public void setExclude(Set<String> exclude) {
			this.exclude = exclude;
		}

	}

	/**
	 * Properties of what brings work in besides the web server.
	 */
	public static class Intake {

		/**
		 * Whether message listeners, and all else that Spring stops before the web
		 * server, are stopped together at the signal.
		 */
		private boolean stop = true;

		/**
		 * Names of the lifecycle beans, or factories of listener containers, that are
		 * left to Spring.
		 */
		private Set<String> exclude = new LinkedHashSet<>();

		public boolean isStop() {
			return this.stop;
		}

		public void setStop(boolean stop) {
			this.stop = stop;
		}

		public Set<String> getExclude() {
			return this.exclude;
		}

		public void setExclude(Set<String> exclude) {
			this.exclude = exclude;
		}

	}

}
