package io.github.gracefulshutdown.intake;

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;
import org.springframework.util.ReflectionUtils;

/**
 * A lifecycle that is being stopped, and knows how to be started again.
 *
 * @author The Graceful Shutdown authors
 */
final class StoppedLifecycle {

	private final SmartLifecycle lifecycle;

	private final CompletableFuture<Void> ended = new CompletableFuture<>();

	private volatile List<Lifecycle> parts = List.of();

	StoppedLifecycle(SmartLifecycle lifecycle) {
		this.lifecycle = lifecycle;
	}

	SmartLifecycle getLifecycle() {
		return this.lifecycle;
	}

	/**
	 * Return what is completed when the lifecycle has stopped, or cannot be stopped.
	 * @return a future that does not fail
	 */
	CompletableFuture<Void> ended() {
		return this.ended;
	}

	/**
	 * Tell the lifecycle to stop, if it runs.
	 * @param callback called when it has stopped
	 */
	void stop(Runnable callback) {
		if (this.lifecycle.isRunning()) {
			this.parts = findParts();
			this.lifecycle.stop(callback);
		}
		else {
			callback.run();
		}
	}

	// A registry would also start containers that the application has never started. The
	// registries of Spring's messaging projects have this method in common
	private List<Lifecycle> findParts() {
		Method method = ReflectionUtils.findMethod(this.lifecycle.getClass(), "getListenerContainers");
		if (method == null
				|| !(ReflectionUtils.invokeMethod(method, this.lifecycle) instanceof Collection<?> containers)) {
			return List.of();
		}
		return containers.stream()
			.filter(Lifecycle.class::isInstance)
			.map(Lifecycle.class::cast)
			.filter(Lifecycle::isRunning)
			.toList();
	}

	void start() {
		if (this.parts.isEmpty()) {
			start(this.lifecycle);
		}
		else {
			this.parts.forEach(StoppedLifecycle::start);
		}
	}

	private static void start(Lifecycle lifecycle) {
		if (!lifecycle.isRunning()) {
			lifecycle.start();
		}
	}

}
