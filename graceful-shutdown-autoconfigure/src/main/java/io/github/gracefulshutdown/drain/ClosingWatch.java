package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import io.github.gracefulshutdown.tracking.DrainThreads;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

/**
 * Keeps the closing of the context inside the grace period after the drain. It lowers the
 * timeout of the lifecycle phases to the time that is left, lets no executor wait again
 * for abandoned work, and interrupts the closing thread shortly before the kill. It never
 * raises a timeout. A phase with a timeout of its own
 * ({@code setTimeoutForShutdownPhase}) keeps it: such timeouts cannot be read.
 *
 * @author The Graceful Shutdown authors
 */
final class ClosingWatch {

	private static final Log logger = LogFactory.getLog(ClosingWatch.class);

	private static final long INTERVAL_MILLIS = 50;

	private static final int WEB_SERVER_PHASE = SmartLifecycle.DEFAULT_PHASE - 1024;

	private static final long DRAINED_PHASE_MILLIS = 1000;

	private final ConfigurableApplicationContext context;

	private final JvmShutdown jvm;

	private final Duration phaseTimeout;

	/**
	 * Create a watch.
	 * @param context the context whose closing is watched
	 * @param jvm tells whether the JVM shuts down
	 * @param phaseTimeout the timeout that is configured for each lifecycle phase
	 */
	ClosingWatch(ConfigurableApplicationContext context, JvmShutdown jvm, Duration phaseTimeout) {
		this.context = context;
		this.jvm = jvm;
		this.phaseTimeout = phaseTimeout;
	}

	/**
	 * Watch the calling thread, which closes the context.
	 * @param timetable the instants of this shutdown
	 */
	void start(Timetable timetable) {
		limitPhases(timetable);
		Thread closingThread = Thread.currentThread();
		DrainThreads.start("closing-watch", () -> watch(closingThread, timetable));
	}

	/**
	 * Let executors shut down without waiting: the drain has abandoned or excused the
	 * work that they still have.
	 */
	void skipExecutorTermination() {
		ConfigurableListableBeanFactory beans = this.context.getBeanFactory();
		for (String name : beans.getSingletonNames()) {
			Object bean = beans.getSingleton(name);
			if (bean instanceof ExecutorConfigurationSupport executor) {
				executor.setAwaitTerminationMillis(0);
			}
			else if (bean instanceof SimpleAsyncTaskExecutor executor) {
				executor.setTaskTerminationTimeout(0);
			}
		}
	}

	/**
	 * Let the phases of the web server and of executors end without work that stops the
	 * application itself: its thread waits for the end of the shutdown, and the drain has
	 * waited for all else.
	 */
	void shortenDrainedPhases() {
		ConfigurableListableBeanFactory beans = this.context.getBeanFactory();
		if (lifecycleProcessor() instanceof DefaultLifecycleProcessor processor) {
			for (SmartLifecycle lifecycle : beans.getBeansOfType(SmartLifecycle.class, false, false).values()) {
				if (lifecycle.getPhase() >= WEB_SERVER_PHASE || lifecycle instanceof ExecutorConfigurationSupport) {
					processor.setTimeoutForShutdownPhase(lifecycle.getPhase(), DRAINED_PHASE_MILLIS);
				}
			}
		}
	}

	private @Nullable Object lifecycleProcessor() {
		return this.context.getBeanFactory().getSingleton(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME);
	}

	private void watch(Thread closingThread, Timetable timetable) {
		try {
			while (!timetable.lastCall().isPast()) {
				if (!this.context.isActive()) {
					return;
				}
				limitPhases(timetable);
				TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
			}
			lastCall(closingThread);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void limitPhases(Timetable timetable) {
		Duration budget = timetable.closingBudget();
		if (budget.compareTo(this.phaseTimeout) < 0
				&& lifecycleProcessor() instanceof DefaultLifecycleProcessor processor) {
			processor.setTimeoutPerShutdownPhase(budget.toMillis());
		}
	}

	// Once the context is closed, the thread may be closing another one
	private void lastCall(Thread closingThread) {
		if (this.jvm.isInProgress() && this.context.isActive()) {
			logger.warn("Interrupting the closing of the application context, which takes too long:%s"
				.formatted(Format.stack(Arrays.asList(closingThread.getStackTrace()))));
			closingThread.interrupt();
		}
	}

}
