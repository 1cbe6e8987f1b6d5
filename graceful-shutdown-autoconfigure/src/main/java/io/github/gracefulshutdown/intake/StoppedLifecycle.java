package io.github.gracefulshutdown.intake;

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.github.gracefulshutdown.tracking.BestEffort;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;
import org.springframework.util.ClassUtils;

/**
 * A lifecycle that is being stopped, and knows how to be started again.
 *
 * @author The Graceful Shutdown authors
 */
final class StoppedLifecycle {

	private static final Log logger = LogFactory.getLog(StoppedLifecycle.class);

	private final Lifecycle lifecycle;

	private final CompletableFuture<Void> ended = new CompletableFuture<>();

	/**
	 * The containers of a registry, and whether each has been running.
	 */
	private volatile Map<Lifecycle, Boolean> parts = Map.of();

	StoppedLifecycle(Lifecycle lifecycle) {
		this.lifecycle = lifecycle;
	}

	Lifecycle getLifecycle() {
		return this.lifecycle;
	}

	/**
	 * Return a future that is completed when the lifecycle has stopped, or cannot be
	 * stopped.
	 * @return a future that does not fail
	 */
	CompletableFuture<Void> ended() {
		return this.ended;
	}

	/**
	 * Stop the lifecycle, if it runs.
	 * @param callback called when it has stopped
	 */
	void stop(Runnable callback) {
		if (this.lifecycle.isRunning()) {
			this.parts = findParts();
			if (this.lifecycle instanceof SmartLifecycle smart) {
				smart.stop(callback);
				return;
			}
			this.lifecycle.stop();
		}
		callback.run();
	}

	// A registry would also start containers that the application has never started. The
	// registries of Spring's messaging projects have this method in common
	private Map<Lifecycle, Boolean> findParts() {
		Map<Lifecycle, Boolean> parts = new LinkedHashMap<>();
		try {
			Method method = ClassUtils.getMethodIfAvailable(this.lifecycle.getClass(), "getListenerContainers");
			if (method != null && method.invoke(this.lifecycle) instanceof Collection<?> containers) {
				for (Object container : containers) {
					if (container instanceof Lifecycle part) {
						parts.put(part, part.isRunning());
					}
				}
			}
		}
		catch (Throwable ex) {
			logger.debug("The containers of '%s' cannot be found".formatted(this.lifecycle), ex);
		}
		return parts;
	}

	void start() {
		BestEffort.run(logger, describe(this.lifecycle), () -> start(this.lifecycle));
		BestEffort.forEach(logger, this.parts.entrySet(), (part) -> describe(part.getKey()),
				(part) -> restore(part.getKey(), part.getValue()));
	}

	private static String describe(Lifecycle lifecycle) {
		return "starting %s again".formatted(lifecycle.getClass().getName());
	}

	private static void start(Lifecycle lifecycle) {
		if (!lifecycle.isRunning()) {
			lifecycle.start();
		}
	}

	private static void restore(Lifecycle part, boolean wasRunning) {
		if (wasRunning) {
			start(part);
		}
		else if (part.isRunning()) {
			part.stop();
		}
	}

}
