package io.github.gracefulshutdown.intake;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.DrainThreads;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.Lifecycle;

/**
 * Lifecycles of one role. They are stopped all together, and in flight until they say
 * that they have stopped, after the work in hand. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
abstract class LifecycleWorkload extends TrackedWorkload<LifecycleWorkload.Stopping> implements ResumableWorkload {

	private static final Log logger = LogFactory.getLog(LifecycleWorkload.class);

	private final ConfigurableListableBeanFactory beanFactory;

	private final LifecycleFinder finder;

	private final Executor threads;

	/**
	 * The stopped lifecycles by name, in the order in which they were stopped.
	 */
	private final Map<String, StoppedLifecycle> stopped = new LinkedHashMap<>();

	private final Map<String, Restart> restarts = new HashMap<>();

	LifecycleWorkload(String name, InFlight inFlight, ConfigurableListableBeanFactory beanFactory, LifecycleRoles roles,
			LifecycleRole role, LongSupplier clock) {
		super(name, inFlight, clock);
		this.beanFactory = beanFactory;
		this.finder = new LifecycleFinder(beanFactory, roles, role, this::adapt);
		this.threads = (code) -> DrainThreads.start(name, code);
	}

	/**
	 * Return the lifecycle to stop in place of a bean.
	 * @param bean the bean
	 * @return a lifecycle, by default the bean itself
	 */
	Lifecycle adapt(Lifecycle bean) {
		return bean;
	}

	/**
	 * Called before a lifecycle is stopped.
	 * @param lifecycle the lifecycle
	 */
	void prepare(Lifecycle lifecycle) {
	}

	/**
	 * Return the ends that a lifecycle has to wait for, besides those of its dependents.
	 * @param lifecycle the lifecycle
	 * @return futures that do not fail, by default none
	 */
	List<CompletableFuture<Void>> predecessorsOf(Lifecycle lifecycle) {
		return List.of();
	}

	/**
	 * Return the ends of the lifecycles that have been told to stop, and that Spring
	 * would stop before those of a phase.
	 * @param phase the phase
	 * @return futures that do not fail
	 */
	final synchronized List<CompletableFuture<Void>> endsAbove(int phase) {
		return this.stopped.values()
			.stream()
			.filter((stopped) -> LifecycleRoles.phaseOf(stopped.getLifecycle()) > phase)
			.map(StoppedLifecycle::ended)
			.toList();
	}

	@Override
	public synchronized void stopAccepting() {
		Map<String, Lifecycle> running = findRunning();
		for (String name : List.copyOf(this.restarts.keySet())) {
			cancelRestart(name, running);
		}
		Map<String, CompletableFuture<Void>> stops = new HashMap<>();
		for (String name : List.copyOf(running.keySet())) {
			stop(name, running, stops);
		}
	}

	// If the start has begun, the lifecycle is stopped after it. If not, the lifecycle
	// may
	// still be stopping, and must not be stopped twice
	private void cancelRestart(String name, Map<String, Lifecycle> running) {
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

	final Map<String, Lifecycle> findRunning() {
		return this.finder.findRunning();
	}

	// Same order as Spring: dependents are stopped first
	private CompletableFuture<Void> stop(String name, Map<String, Lifecycle> running,
			Map<String, CompletableFuture<Void>> stops) {
		Lifecycle lifecycle = running.remove(name);
		if (lifecycle != null) {
			List<CompletableFuture<Void>> awaited = new ArrayList<>(predecessorsOf(lifecycle));
			for (String dependent : this.beanFactory.getDependentBeans(name)) {
				awaited.add(stop(dependent, running, stops));
			}
			Stopping stopping = new Stopping(this, name);
			if (tryAdmit(stopping)) {
				StoppedLifecycle stopped = new StoppedLifecycle(lifecycle);
				this.stopped.put(name, stopped);
				Restart restart = this.restarts.get(name);
				if (restart != null) {
					awaited.add(restart.done());
				}
				stops.put(name, CompletableFuture.allOf(awaited.toArray(CompletableFuture[]::new))
					.thenRunAsync(() -> stop(stopped, stopping), this.threads));
			}
		}
		return stops.getOrDefault(name, CompletableFuture.completedFuture(null));
	}

	private void stop(StoppedLifecycle stopped, Stopping stopping) {
		if (!stopping.attach()) {
			// Given up while it waited for others
			stopped.ended().complete(null);
			return;
		}
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
	 * Restarts in reverse order, each lifecycle after it has stopped and after its
	 * dependencies. Does not wait for them.
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

		// Those of the lifecycle, such as the one with the last message in hand
		@Override
		protected boolean hasOtherThreads() {
			return true;
		}

	}

}
