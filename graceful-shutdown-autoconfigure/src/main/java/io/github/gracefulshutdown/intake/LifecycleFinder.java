package io.github.gracefulshutdown.intake;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.config.SingletonBeanRegistry;
import org.springframework.context.SmartLifecycle;

/**
 * Finds running lifecycles with a phase above that of the web server. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class LifecycleFinder {

	/**
	 * The phase in which Boot stops the web server gracefully.
	 */
	private static final int WEB_SERVER_PHASE = SmartLifecycle.DEFAULT_PHASE - 1024;

	private static final Log logger = LogFactory.getLog(LifecycleFinder.class);

	private final SingletonBeanRegistry singletons;

	private final Predicate<String> excluded;

	private final Predicate<SmartLifecycle> wanted;

	/**
	 * Create a finder.
	 * @param singletons holds the lifecycles
	 * @param excluded decides by its name whether a lifecycle is left to Spring
	 * @param wanted decides whether a lifecycle is of the right kind
	 */
	LifecycleFinder(SingletonBeanRegistry singletons, Predicate<String> excluded, Predicate<SmartLifecycle> wanted) {
		this.singletons = singletons;
		this.excluded = excluded;
		this.wanted = wanted;
	}

	/**
	 * Find the lifecycles that are running.
	 * @return the lifecycles by name, in the order in which Spring would stop them
	 */
	Map<String, SmartLifecycle> findRunning() {
		List<Map.Entry<String, SmartLifecycle>> found = new ArrayList<>();
		for (String name : this.singletons.getSingletonNames()) {
			if (this.singletons.getSingleton(name) instanceof SmartLifecycle lifecycle && !this.excluded.test(name)
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
			return lifecycle.getPhase() > WEB_SERVER_PHASE && this.wanted.test(lifecycle) && lifecycle.isRunning();
		}
		catch (Throwable ex) {
			logger.warn("'%s' cannot say whether it is running, and is left to Spring".formatted(name), ex);
			return false;
		}
	}

}
