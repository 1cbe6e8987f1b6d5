package io.github.gracefulshutdown.durable;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Names a job once that the store does not let this instance pick or hand over although
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
	 * With more such jobs, their numbers begin anew.
	 */
	private static final int MOST_JOBS = 1000;

	private final Map<String, Integer> jobs = new ConcurrentHashMap<>();

	void add(StoredJob job, Throwable failure) {
		if (this.jobs.size() >= MOST_JOBS) {
			this.jobs.clear();
		}
		String message = "Durable job '%s %s' cannot be picked or handed over, and is tried again"
			.formatted(job.name(), job.id());
		if (this.jobs.merge(job.id(), 1, Integer::sum) == TO_TELL) {
			logger.warn(message + ": " + failure);
		}
		logger.debug(message, failure);
	}

	void end(StoredJob job) {
		this.jobs.remove(job.id());
	}

}
