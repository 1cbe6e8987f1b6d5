package io.github.gracefulshutdown.durable;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Says once that the store does not take a statement about one job or instance although
 * it works, because of a locked row or a trigger. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class Refusals {

	private static final Log logger = LogFactory.getLog(Refusals.class);

	/**
	 * The first ones may come from connections that broke.
	 */
	private static final int TO_TELL = 3;

	/**
	 * With more of them, their numbers begin anew.
	 */
	private static final int MOST = 1000;

	private final Map<String, Integer> numbers = new ConcurrentHashMap<>();

	/**
	 * A statement was refused.
	 * @param id the job or instance
	 * @param message what cannot be done
	 * @param failure the reason
	 */
	void add(String id, String message, Throwable failure) {
		if (this.numbers.size() >= MOST) {
			this.numbers.clear();
		}
		if (this.numbers.merge(id, 1, Integer::sum) == TO_TELL) {
			logger.warn("%s, and that is tried again: %s".formatted(message, failure));
		}
		logger.debug(message, failure);
	}

	/**
	 * A statement was taken.
	 * @param id the job or instance
	 */
	void end(String id) {
		this.numbers.remove(id);
	}

}
