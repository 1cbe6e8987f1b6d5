package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.Printable;
import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.DrainThreads;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationContext;
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
 * <p>
 * It makes itself known to the one of its nearest ancestor context, whose drain includes
 * this one. When the JVM stops, the applications in it are drained side by side.
 *
 * @author The Graceful Shutdown authors
 */
public final class DrainLifecycle implements SmartLifecycle, ApplicationListener<ContextClosedEvent>, PriorityOrdered,
		InitializingBean, DisposableBean {

	/**
	 * Those of all applications in this JVM.
	 */
	private static final Set<DrainLifecycle> all = ConcurrentHashMap.newKeySet();

	private final ContextLog logger = new ContextLog(LogFactory.getLog(DrainLifecycle.class));

	private final ConfigurableApplicationContext context;

	private final DefaultGracefulShutdown shutdown;

	private final Workloads workloads;

	private final JvmShutdown jvm;

	private final Runnable lastWord = this::logLastWord;

	private final ContextParticipant participant;

	private final ClosingWatch watch;

	private volatile @Nullable DrainLifecycle ancestor;

	private volatile boolean running;

	private volatile @Nullable Timetable timetable;

	/**
	 * Create a lifecycle.
	 * @param context the context whose closing begins the drain
	 * @param shutdown the drain
	 * @param workloads all workloads
	 * @param phaseTimeout the timeout that is configured for each lifecycle phase
	 * @param settings how signals are handled, if Spring Boot's shutdown hook closes the
	 * context
	 */
	public DrainLifecycle(ConfigurableApplicationContext context, DefaultGracefulShutdown shutdown, Workloads workloads,
			Duration phaseTimeout, SignalSettings settings) {
		this(context, shutdown, workloads, phaseTimeout, settings, JvmShutdown.INSTANCE);
	}

	DrainLifecycle(ConfigurableApplicationContext context, DefaultGracefulShutdown shutdown, Workloads workloads,
			Duration phaseTimeout, SignalSettings settings, JvmShutdown jvm) {
		this.context = context;
		this.shutdown = shutdown;
		this.workloads = workloads;
		this.jvm = jvm;
		this.participant = new ContextParticipant(context, shutdown, jvm, this.lastWord, settings);
		this.watch = new ClosingWatch(context, this.jvm, phaseTimeout);
	}

	/**
	 * Return whether an application context has been started, and not been stopped.
	 * @param context the context
	 * @return whether its lifecycle is running
	 */
	static boolean isRunning(ConfigurableApplicationContext context) {
		return all.stream().anyMatch((lifecycle) -> lifecycle.context == context && lifecycle.running);
	}

	@Override
	public void afterPropertiesSet() {
		this.participant.join();
		JvmShutdown.unlessShuttingDown(() -> SpringApplication.getShutdownHandlers().add(this.lastWord));
	}

	@Override
	public void destroy() {
		all.remove(this);
		DrainLifecycle ancestor = this.ancestor;
		if (ancestor != null) {
			ancestor.shutdown.getChildren().remove(this);
		}
		this.participant.leave();
		if (!this.jvm.isRunningHooks()) {
			JvmShutdown.unlessShuttingDown(() -> SpringApplication.getShutdownHandlers().remove(this.lastWord));
		}
		if (this.participant.isClosedByHook() && this.shutdown.isRequested()) {
			RemainingThreads.logLater(this.shutdown.getProgressInterval(),
					() -> !this.jvm.isInUse() && !JvmShutdown.areHooksStarted());
		}
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
	 * A failure must not keep the application from stopping.
	 */
	private void drainOnClose() {
		if (this.timetable != null) {
			return;
		}
		try {
			nameInLog();
			DrainSignal signal = this.jvm.signal();
			if (this.jvm.isRunningHooks()) {
				drainOtherApplications(signal);
			}
			Timetable timetable = this.shutdown.drainOnce(signal);
			this.timetable = timetable;
			if (this.shutdown.state() == DrainState.EXPIRED) {
				this.watch.skipExecutorTermination();
			}
			if (this.shutdown.hasExcused()) {
				this.watch.skipExecutorTermination();
				this.watch.shortenDrainedPhases();
			}
			this.watch.start(timetable);
		}
		catch (Throwable ex) {
			BestEffort.error(this.logger, "The closing of the application context is not watched", ex);
		}
	}

	/**
	 * Begin the drain of the other applications in this JVM. Spring Boot closes them one
	 * after the other, and the signal is for all of them.
	 * @param signal the signal
	 */
	private void drainOtherApplications(DrainSignal signal) {
		Thread closingThread = Thread.currentThread();
		for (DrainLifecycle application : all) {
			if (application != this && application.ancestor == null && !application.shutdown.isBegun()) {
				DrainThreads.start("application",
						() -> application.drain(signal, UnaryOperator.identity(), closingThread));
			}
		}
	}

	private void nameInLog() {
		String id = this.context.getId();
		if (all.size() > 1 && id != null) {
			this.shutdown.nameInLog(id);
			this.logger.setContext(id);
		}
	}

	private void logLastWord() {
		Timetable timetable = this.timetable;
		if (timetable != null) {
			String lastWord = "Closed %s after the signal, %s".formatted(
					Format.seconds(timetable.signal().remaining().negated()),
					Printable.beforeEnd(timetable.kill().remaining()));
			if (this.shutdown.isUneventful() && !timetable.kill().isPast()) {
				this.logger.debug(lastWord);
			}
			else {
				this.logger.info(lastWord);
			}
		}
	}

	/**
	 * Drain this context as part of its parent's drain. Does not close it.
	 * @param signal the reason why the parent stops
	 * @param parent the instants of the parent's shutdown
	 * @param closingThread the thread that closes the parent
	 */
	void drainWithParent(DrainSignal signal, Timetable parent, Thread closingThread) {
		drain(signal, (timetable) -> timetable.within(parent), closingThread);
	}

	private void drain(DrainSignal signal, UnaryOperator<Timetable> limit, Thread closingThread) {
		try {
			nameInLog();
			this.shutdown.drainOnce(signal, limit, closingThread);
		}
		catch (Throwable ex) {
			this.logger.error("The drain of %s failed".formatted(this), ex);
		}
	}

	boolean isDrained() {
		return this.shutdown.isEnded();
	}

	/**
	 * Close the context, unless another thread does it.
	 */
	void close() {
		if (!this.context.isClosed()) {
			this.context.close();
		}
	}

	@Override
	public String toString() {
		return "application context '%s'".formatted(this.context.getId());
	}

	/**
	 * Creates all workloads, also with lazy initialization: when the context is being
	 * closed it is too late.
	 */
	@Override
	public void start() {
		this.workloads.all();
		ApplicationContext parent = this.context.getParent();
		DrainLifecycle ancestor = (parent != null) ? parent.getBeanProvider(DrainLifecycle.class).getIfAvailable()
				: null;
		this.ancestor = ancestor;
		if (ancestor != null) {
			ancestor.shutdown.getChildren().add(this);
		}
		if (!DrainRehearsal.CONTEXT_ID.equals(this.context.getId())) {
			all.add(this);
		}
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
