package io.github.gracefulshutdown.intake;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.SingletonBeanRegistry;
import org.springframework.context.Lifecycle;

/**
 * Finds the running lifecycles of one role. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class LifecycleFinder {

	private static final Log logger = LogFactory.getLog(LifecycleFinder.class);

	private final SingletonBeanRegistry singletons;

	private final LifecycleRoles roles;

	private final LifecycleRole wanted;

	private final UnaryOperator<Lifecycle> adaptation;

	/**
	 * Create a finder.
	 * @param singletons holds the lifecycles
	 * @param roles knows the role of each lifecycle
	 * @param wanted the role of the lifecycles to find
	 * @param adaptation replaces a lifecycle by the one to stop
	 */
	LifecycleFinder(SingletonBeanRegistry singletons, LifecycleRoles roles, LifecycleRole wanted,
			UnaryOperator<Lifecycle> adaptation) {
		this.singletons = singletons;
		this.roles = roles;
		this.wanted = wanted;
		this.adaptation = adaptation;
	}

	/**
	 * Find the lifecycles that are running.
	 * @return the lifecycles by name, in the order in which Spring would stop them
	 */
	Map<String, Lifecycle> findRunning() {
		List<Map.Entry<String, Lifecycle>> found = new ArrayList<>();
		for (String name : this.singletons.getSingletonNames()) {
			if (this.singletons.getSingleton(name) instanceof Lifecycle bean) {
				Lifecycle lifecycle = toRunning(name, bean);
				if (lifecycle != null) {
					found.add(Map.entry(name, lifecycle));
				}
			}
		}
		found
			.sort(Comparator.comparing((entry) -> LifecycleRoles.phaseOf(entry.getValue()), Comparator.reverseOrder()));
		Map<String, Lifecycle> running = new LinkedHashMap<>();
		found.forEach((entry) -> running.put(entry.getKey(), entry.getValue()));
		return running;
	}

	private @Nullable Lifecycle toRunning(String name, Lifecycle bean) {
		try {
			if (this.roles.of(name, bean) == this.wanted) {
				Lifecycle lifecycle = this.adaptation.apply(bean);
				return lifecycle.isRunning() ? lifecycle : null;
			}
		}
		catch (Throwable ex) {
			logger.warn("'%s' cannot say whether it is running, and is left to Spring".formatted(name), ex);
		}
		return null;
	}

}
