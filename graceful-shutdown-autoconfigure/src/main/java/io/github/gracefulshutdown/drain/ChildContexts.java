package io.github.gracefulshutdown.drain;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.DrainThreads;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The child contexts of an application context that have a drain of their own. Their work
 * uses beans of the parent, so they are drained and closed while the parent still takes
 * jobs. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class ChildContexts {

	private static final Log logger = LogFactory.getLog(ChildContexts.class);

	private final Set<DrainLifecycle> started = ConcurrentHashMap.newKeySet();

	private volatile List<DrainLifecycle> draining = List.of();

	void add(DrainLifecycle child) {
		this.started.add(child);
	}

	void remove(DrainLifecycle child) {
		this.started.remove(child);
	}

	/**
	 * Begin to drain all children, side by side.
	 * @param signal the reason why the parent stops
	 * @param timetable the instants of the parent's shutdown
	 * @param closingThread the thread that closes the parent
	 */
	void drain(DrainSignal signal, Timetable timetable, Thread closingThread) {
		List<DrainLifecycle> children = List.copyOf(this.started);
		for (DrainLifecycle child : children) {
			DrainThreads.start("child", () -> child.drainWithParent(signal, timetable, closingThread));
		}
		this.draining = children;
	}

	boolean isDrained() {
		return this.draining.stream().allMatch(DrainLifecycle::isDrained);
	}

	/**
	 * Close the children that are drained, on the thread that closes the parent, as
	 * Spring Boot does.
	 */
	void close() {
		BestEffort.forEach(logger, this.draining, (child) -> "the closing of " + child, (child) -> {
			if (child.isDrained()) {
				child.close();
			}
		});
	}

}
