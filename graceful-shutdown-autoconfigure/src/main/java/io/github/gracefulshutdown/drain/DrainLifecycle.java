package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Hooks the drain into the closing of the application context. It is the first listener
 * to {@link ContextClosedEvent}, because the application is still whole then: later
 * listeners close meter registries and let executors refuse tasks, and the lifecycle
 * phases come after all listeners.
 * <p>
 * As a {@link SmartLifecycle} it is the first to be stopped. It drains there only if the
 * failure of an earlier listener kept the event from it. A context that is paused, or
 * stopped without being closed, is not drained.
 *
 * @author The Graceful Shutdown authors
 */
public final class DrainLifecycle implements SmartLifecycle, ApplicationListener<ContextClosedEvent>, PriorityOrdered,
		InitializingBean, DisposableBean {

	private static final Log logger = LogFactory.getLog(DrainLifecycle.class);

	private final ConfigurableApplicationContext context;

	private final DefaultGracefulShutdown shutdown;

	private final Workloads workloads;

	private final JvmShutdown jvm;

	private final ClosingWatch watch;

	private volatile boolean running;

	private volatile @Nullable Timetable timetable;

	/**
	 * Create a lifecycle.
	 * @param context the context whose closing begins the drain
	 * @param shutdown the drain
	 * @param workloads all workloads
	 * @param phaseTimeout the timeout that is configured for each lifecycle phase
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public DrainLifecycle(ConfigurableApplicationContext context, DefaultGracefulShutdown shutdown, Workloads workloads,
			Duration phaseTimeout, LongSupplier clock) {
		this.context = context;
		this.shutdown = shutdown;
		this.workloads = workloads;
		this.jvm = new JvmShutdown(clock, this::logLastWord);
		this.watch = new ClosingWatch(context, this.jvm, phaseTimeout);
	}

	@Override
	public void afterPropertiesSet() {
		this.jvm.register();
	}

	@Override
	public void destroy() {
		this.jvm.unregister();
	}

	@Override
	public void onApplicationEvent(ContextClosedEvent event) {
		if (event.getApplicationContext() == this.context) {
			drainOnClose();
		}
	}

	@Override
	public void stop(Runnable callback) {
		if (this.context.isClosed()) {
			drainOnClose();
		}
		stop();
		callback.run();
	}

	/**
	 * A failure of the drain must not keep the application from stopping.
	 */
	private void drainOnClose() {
		if (this.timetable != null) {
			return;
		}
		try {
			Timetable timetable = this.shutdown.drainOnce(this.jvm.signal());
			this.timetable = timetable;
			if (this.shutdown.state() == DrainState.EXPIRED) {
				this.watch.skipExecutorTermination();
			}
			this.watch.start(timetable);
		}
		catch (Throwable ex) {
			logger.error("The drain failed, and the application context is closed without it", ex);
		}
	}

	private void logLastWord() {
		Timetable timetable = this.timetable;
		if (timetable != null) {
			logger.info("Closed %s after the signal, %s before the end of the grace period".formatted(
					Format.seconds(timetable.signal().remaining().negated()),
					Format.seconds(timetable.kill().remaining())));
		}
	}

	/**
	 * Creates all workloads, also with lazy initialization: when the context is being
	 * closed it is too late.
	 */
	@Override
	public void start() {
		this.workloads.all();
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public boolean isPauseable() {
		return false;
	}

	@Override
	public boolean supportsAsyncExecution() {
		return false;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
