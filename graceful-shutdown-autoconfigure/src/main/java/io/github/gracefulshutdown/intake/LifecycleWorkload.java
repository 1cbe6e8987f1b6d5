package io.github.gracefulshutdown.intake;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.DrainThreads;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Lifecycles that Spring would stop before the web server. They are stopped all together,
 * and in flight until they say that they have stopped, which is when what they have in
 * hand is finished. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
abstract class LifecycleWorkload extends TrackedWorkload<LifecycleWorkload.Stopping> implements ResumableWorkload {

	/**
	 * The phase in which Boot stops the web server gracefully.
	 */
	private static final int WEB_SERVER_PHASE = SmartLifecycle.DEFAULT_PHASE - 1024;

	private static final Log logger = LogFactory.getLog(LifecycleWorkload.class);

	private final ConfigurableListableBeanFactory beanFactory;

	private final Predicate<String> excluded;

	private final Executor threads;

	/**
	 * What has been stopped, in the order in which it was told.
	 */
	private final Map<String, StoppedLifecycle> stopped = new LinkedHashMap<>();

	private final Map<String, Restart> restarts = new HashMap<>();

	LifecycleWorkload(String name, InFlight inFlight, ConfigurableListableBeanFactory beanFactory,
			Predicate<String> excluded, LongSupplier clock) {
		super(name, inFlight, clock);
		this.beanFactory = beanFactory;
		this.excluded = excluded;
		this.threads = (code) -> DrainThreads.start(name, code);
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
	public synchronized void stopAccepting() {
		Map<String, SmartLifecycle> running = findRunning();
		for (String name : List.copyOf(this.restarts.keySet())) {
			cancelRestart(name, running);
		}
		Map<String, CompletableFuture<Void>> told = new HashMap<>();
		for (String name : List.copyOf(running.keySet())) {
			stop(name, running, told);
		}
	}

	// If its start has begun, it is stopped when that has ended. If it has not, because
	// it is still stopping, it is not told to stop again
	private void cancelRestart(String name, Map<String, SmartLifecycle> running) {
		Restart restart = Objects.requireNonNull(this.restarts.get(name));
		if (restart.cancel()) {
			this.restarts.remove(name);
			this.stopped.put(name, restart.getLifecycle());
			if (!restart.getLifecycle().ended().isDone()) {
				running.remove(name);
			}
		}
		else {
			running.put(name, restart.getLifecycle().getLifecycle());
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
			return lifecycle.getPhase() > WEB_SERVER_PHASE && contains(lifecycle) && lifecycle.isRunning();
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
			if (tryAdmit(stopping)) {
				StoppedLifecycle stopped = new StoppedLifecycle(lifecycle);
				this.stopped.put(name, stopped);
				Restart restart = this.restarts.get(name);
				if (restart != null) {
					dependents.add(restart.done());
				}
				told.put(name, CompletableFuture.allOf(dependents.toArray(CompletableFuture[]::new))
					.thenRunAsync(() -> stop(stopped, stopping), this.threads));
			}
		}
		return told.getOrDefault(name, CompletableFuture.completedFuture(null));
	}

	private void stop(StoppedLifecycle stopped, Stopping stopping) {
		stopping.attach();
		try {
			prepare(stopped.getLifecycle());
			stopped.stop(() -> {
				stopping.end(WorkState.COMPLETED);
				stopped.ended().complete(null);
			});
			stopping.detach();
		}
		catch (Throwable ex) {
			logger.warn("'%s' cannot be stopped by the drain, and is left to Spring".formatted(stopping.getName()), ex);
			stopping.end(WorkState.FAILED);
			stopped.ended().complete(null);
		}
	}

	/**
	 * What was told last is started first, each when it has stopped, and after those that
	 * it depends on. Does not wait for them.
	 */
	@Override
	public synchronized void resumeAccepting() {
		List<String> names = new ArrayList<>(this.stopped.keySet());
		Collections.reverse(names);
		for (String name : names) {
			StoppedLifecycle lifecycle = this.stopped.remove(name);
			if (lifecycle != null) {
				restart(name, lifecycle);
			}
		}
	}

	private void restart(String name, StoppedLifecycle lifecycle) {
		List<CompletableFuture<Void>> awaited = new ArrayList<>();
		awaited.add(lifecycle.ended());
		for (String dependency : this.beanFactory.getDependenciesForBean(name)) {
			Restart restart = this.restarts.get(dependency);
			if (restart != null) {
				awaited.add(restart.done());
			}
		}
		Restart restart = new Restart(name, lifecycle);
		this.restarts.put(name, restart);
		CompletableFuture.allOf(awaited.toArray(CompletableFuture[]::new)).thenRunAsync(() -> {
			restart.run();
			forget(name, restart);
		}, this.threads);
	}

	private synchronized void forget(String name, Restart restart) {
		this.restarts.remove(name, restart);
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
