package io.github.gracefulshutdown.intake;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import io.github.gracefulshutdown.DrainLifecycle;
import io.github.gracefulshutdown.InFlight;
import io.github.gracefulshutdown.TrackedWorkload;
import io.github.gracefulshutdown.Work;
import io.github.gracefulshutdown.WorkState;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Lifecycles that Spring would stop before the web server. They are stopped all together,
 * and in flight until they say that they have stopped, which is when what they have in
 * hand is finished. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
abstract class LifecycleWorkload extends TrackedWorkload<LifecycleWorkload.Stopping> {

	/**
	 * The phase in which Boot stops the web server gracefully.
	 */
	private static final int WEB_SERVER_PHASE = SmartLifecycle.DEFAULT_PHASE - 1024;

	private static final Log logger = LogFactory.getLog(LifecycleWorkload.class);

	private final ConfigurableListableBeanFactory beanFactory;

	private final Predicate<String> excluded;

	private final Executor threads;

	LifecycleWorkload(String name, InFlight inFlight, ConfigurableListableBeanFactory beanFactory,
			Predicate<String> excluded, LongSupplier clock) {
		super(name, inFlight, clock);
		this.beanFactory = beanFactory;
		this.excluded = excluded;
		this.threads = newThreads(name);
	}

	private static Executor newThreads(String name) {
		SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("drain-" + name + "-");
		threads.setDaemon(true);
		return threads;
	}

	/**
	 * Return whether a lifecycle belongs to this workload.
	 * @param lifecycle a lifecycle with a phase above that of the web server
	 * @return whether to stop it with this workload
	 */
	abstract boolean contains(SmartLifecycle lifecycle);

	/**
	 * Called before a lifecycle is stopped.
	 * @param lifecycle the lifecycle
	 */
	void prepare(SmartLifecycle lifecycle) {
	}

	@Override
	public void stopAccepting() {
		Map<String, SmartLifecycle> running = findRunning();
		Map<String, CompletableFuture<Void>> told = new HashMap<>();
		for (String name : List.copyOf(running.keySet())) {
			stop(name, running, told);
		}
	}

	/**
	 * Find the lifecycles that are running.
	 * @return the lifecycles by name, in the order in which Spring would stop them
	 */
	final Map<String, SmartLifecycle> findRunning() {
		List<Map.Entry<String, SmartLifecycle>> found = new ArrayList<>();
		for (String name : this.beanFactory.getSingletonNames()) {
			if (this.beanFactory.getSingleton(name) instanceof SmartLifecycle lifecycle && !this.excluded.test(name)
					&& isRunning(name, lifecycle)) {
				found.add(Map.entry(name, lifecycle));
			}
		}
		found.sort(Comparator.comparing((entry) -> entry.getValue().getPhase(), Comparator.reverseOrder()));
		Map<String, SmartLifecycle> running = new LinkedHashMap<>();
		found.forEach((entry) -> running.put(entry.getKey(), entry.getValue()));
		return running;
	}

	private boolean isRunning(String name, SmartLifecycle lifecycle) {
		try {
			return lifecycle.getPhase() > WEB_SERVER_PHASE && !(lifecycle instanceof DrainLifecycle)
					&& contains(lifecycle) && lifecycle.isRunning();
		}
		catch (Throwable ex) {
			logger.warn("'%s' does not tell whether it is running, and is left to Spring".formatted(name), ex);
			return false;
		}
	}

	// As Spring does it: what depends on a lifecycle is told to stop before it, and not
	// waited for
	private CompletableFuture<Void> stop(String name, Map<String, SmartLifecycle> running,
			Map<String, CompletableFuture<Void>> told) {
		SmartLifecycle lifecycle = running.remove(name);
		if (lifecycle != null) {
			List<CompletableFuture<Void>> dependents = new ArrayList<>();
			for (String dependent : this.beanFactory.getDependentBeans(name)) {
				dependents.add(stop(dependent, running, told));
			}
			Stopping stopping = new Stopping(this, name);
			if (admitIfOpen(stopping)) {
				told.put(name, CompletableFuture.allOf(dependents.toArray(CompletableFuture[]::new))
					.thenRunAsync(() -> stop(lifecycle, stopping), this.threads));
			}
		}
		return told.getOrDefault(name, CompletableFuture.completedFuture(null));
	}

	private void stop(SmartLifecycle lifecycle, Stopping stopping) {
		stopping.run();
		try {
			prepare(lifecycle);
			lifecycle.stop(() -> stopping.end(WorkState.COMPLETED));
			stopping.await();
		}
		catch (Throwable ex) {
			logger.warn("'%s' cannot be stopped by the drain, and is left to Spring".formatted(stopping.getName()), ex);
			stopping.end(WorkState.FAILED);
		}
	}

	/**
	 * A lifecycle that is being stopped.
	 */
	static final class Stopping extends Work {

		private final String name;

		Stopping(LifecycleWorkload workload, String name) {
			super(workload);
			this.name = name;
		}

		@Override
		public String getName() {
			return this.name;
		}

	}

}
