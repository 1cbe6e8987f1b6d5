package io.github.gracefulshutdown.durable;

import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Says once that the store cannot be reached, and once that it can again. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class Outage {

	private static final Log logger = LogFactory.getLog(Outage.class);

	private final AtomicBoolean outage = new AtomicBoolean();

	void begin(Throwable failure) {
		if (this.outage.compareAndSet(false, true)) {
			logger.warn("The store of durable jobs fails, and is tried again until it works: " + failure);
		}
		logger.debug("The store of durable jobs fails", failure);
	}

	void end() {
		if (this.outage.get() && this.outage.compareAndSet(true, false)) {
			logger.info("The store of durable jobs works again");
		}
	}

}
