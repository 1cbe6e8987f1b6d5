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
	 * Time between the signal to stop and the platform's kill. By default that of the
	 * platform, as far as it is recognised; 30s otherwise.
	 */
	private @Nullable Duration gracePeriod;

	/**
	 * End of the grace period, kept for closing beans and stopping the JVM. By default
	 * 2s, but at most a fifth of the grace period.
	 */
	private @Nullable Duration reserve;

	/**
	 * Time for which the application still serves after the signal, while clients and
	 * load balancers move elsewhere.
	 */
	private Duration delay = Duration.ZERO;

	/**
	 * How long before the deadline unfinished work is interrupted. By default 2s, but at
	 * most a fifth of the grace period.
	 */
	private @Nullable Duration cancelBeforeDeadline;

	/**
	 * Time between two progress lines in the log.
	 */
	private Duration progressInterval = Duration.ofSeconds(5);

	/**
	 * Whether SIGTERM and SIGINT drain before the shutdown hooks of the JVM run.
	 */
	private boolean beforeJvmHooks = true;

	/**
	 * Whether a second SIGINT ends the JVM at once. Needs before-jvm-hooks.
	 */
	private boolean forceOnSecondInterrupt = true;

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

	public boolean isBeforeJvmHooks() {
		return this.beforeJvmHooks;
	}

	public void setBeforeJvmHooks(boolean beforeJvmHooks) {
		this.beforeJvmHooks = beforeJvmHooks;
	}

	public boolean isForceOnSecondInterrupt() {
		return this.forceOnSecondInterrupt;
	}

	public void setForceOnSecondInterrupt(boolean forceOnSecondInterrupt) {
		this.forceOnSecondInterrupt = forceOnSecondInterrupt;
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
		 * before they close their socket. If not, Tomcat keeps its own protocol class.
		 */
		private boolean serveBacklog = true;

		/**
		 * How long idle connections stay open after the server has stopped accepting and
		 * after the last response, so that a request already sent is still answered.
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
	 * Properties of streams, which are subscriptions without an end of their own.
	 */
	public static class Streams {

		/**
		 * Whether event streams that answer a GET, and WebSocket sessions, are ended when
		 * no other work is in flight. If not, the shutdown waits for the streams.
		 */
		private boolean end = true;

		/**
		 * How long nothing must have been written to a stream before it is ended.
		 */
		private Duration quiet = Duration.ofSeconds(1);

		public boolean isEnd() {
			return this.end;
		}

		public void setEnd(boolean end) {
			this.end = end;
		}

		public Duration getQuiet() {
			return this.quiet;
		}

		public void setQuiet(Duration quiet) {
			this.quiet = quiet;
		}

	}

	/**
	 * Properties of background work.
	 */
	public static class Jobs {

		/**
		 * Whether the shutdown waits for {@code @Async} methods and the tasks of executor
		 * beans that are not background jobs.
		 */
		private boolean trackAsync = true;

		/**
		 * Whether the shutdown waits for the common pool of the JVM, which runs
		 * CompletableFuture without an executor. Needs track-async.
		 */
		private boolean trackCommonPool = true;

		/**
		 * Whether schedules stop at the signal and the shutdown waits for running ticks.
		 */
		private boolean trackScheduled = true;

		/**
		 * Whether the shutdown waits for the runners of the start and for listeners to
		 * ApplicationReadyEvent.
		 */
		private boolean trackRunners = true;

		/**
		 * Whether work that is cancelled is interrupted, including requests. If not, only
		 * JobContext tells it to a job.
		 */
		private boolean interrupt = true;

		/**
		 * Names of executor, scheduler, job server and batch job beans whose work is not
		 * tracked. Schedulers of Quartz and db-scheduler and servers of JobRunr are among
		 * them.
		 */
		private Set<String> exclude = new LinkedHashSet<>();

		public boolean isTrackAsync() {
			return this.trackAsync;
		}

		public void setTrackAsync(boolean trackAsync) {
			this.trackAsync = trackAsync;
		}

		public boolean isTrackCommonPool() {
			return this.trackCommonPool;
		}

		public void setTrackCommonPool(boolean trackCommonPool) {
			this.trackCommonPool = trackCommonPool;
		}

		public boolean isTrackScheduled() {
			return this.trackScheduled;
		}

		public void setTrackScheduled(boolean trackScheduled) {
			this.trackScheduled = trackScheduled;
		}

		public boolean isTrackRunners() {
			return this.trackRunners;
		}

		public void setTrackRunners(boolean trackRunners) {
			this.trackRunners = trackRunners;
		}

		public boolean isInterrupt() {
			return this.interrupt;
		}

		public void setInterrupt(boolean interrupt) {
			this.interrupt = interrupt;
		}

		public Set<String> getExclude() {
			return this.exclude;
		}

		public void setExclude(Set<String> exclude) {
			this.exclude = exclude;
		}

	}

	/**
	 * Properties of message listeners, servers, and other lifecycle beans.
	 */
	public static class Intake {

		/**
		 * Whether message listeners are stopped together at the signal, and servers and
		 * other beans that Spring stops before the web server are stopped with the
		 * sockets.
		 */
		private boolean stop = true;

		/**
		 * Names of lifecycle beans that take in work, and are stopped at the signal like
		 * message listeners.
		 */
		private Set<String> include = new LinkedHashSet<>();

		/**
		 * Names of lifecycle beans and of factories of listener containers that Spring
		 * stops as usual.
		 */
		private Set<String> exclude = new LinkedHashSet<>();

		public boolean isStop() {
			return this.stop;
		}

		public void setStop(boolean stop) {
			this.stop = stop;
		}

		public Set<String> getInclude() {
			return this.include;
		}

		public void setInclude(Set<String> include) {
			this.include = include;
		}

		public Set<String> getExclude() {
			return this.exclude;
		}

		public void setExclude(Set<String> exclude) {
			this.exclude = exclude;
		}

	}

}
