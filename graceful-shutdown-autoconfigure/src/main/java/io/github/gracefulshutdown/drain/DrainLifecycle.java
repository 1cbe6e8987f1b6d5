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
 * Hooks the drain into the closing of the application context: as the first listener to
 * {@link ContextClosedEvent}, because then the application is still whole. Meter
 * registries are closed by a later listener, executors refuse tasks from a later one, and
 * lifecycle phases begin after all of them.
 * <p>
 * As a {@link SmartLifecycle} it is the first to be stopped, and drains only if an
 * earlier listener's failure has kept the event from it. When a context is paused or
 * stopped without being closed, nothing is drained.
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
