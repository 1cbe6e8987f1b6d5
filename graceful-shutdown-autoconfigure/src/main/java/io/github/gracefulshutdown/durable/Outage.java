package io.github.gracefulshutdown.durable;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Says once that the store as a whole fails, and once that it works again. A statement
 * about one job can also fail for a reason that lies in its row. The exception does not
 * tell, unless the connection is broken: the same trigger, lock or timeout may concern
 * one row or all. So the store is asked, by a write that concerns no row. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class Outage {

	private static final Log logger = LogFactory.getLog(Outage.class);

	private final AtomicBoolean outage = new AtomicBoolean();

	private final Runnable check;

	/**
	 * Create an instance.
	 * @param check fails if the store as a whole cannot be written
	 */
	Outage(Runnable check) {
		this.check = check;
	}

	/**
	 * A statement that concerns no single job has failed.
	 * @param failure the reason
	 */
	void begin(Throwable failure) {
		if (this.outage.compareAndSet(false, true)) {
			logger.warn("The store of durable jobs fails, and is tried again until it works: " + failure);
		}
		logger.debug("The store of durable jobs fails", failure);
	}

	/**
	 * A statement about one job has failed. Find out whether others would fail, too.
	 * @param failure the reason
	 * @return whether the store as a whole fails
	 */
	boolean isOfStore(Throwable failure) {
		if (!isOfConnection(failure) && isWritable()) {
			return false;
		}
		begin(failure);
		return true;
	}

	// Not asked then: the answer would come when the store works again
	private static boolean isOfConnection(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException ex && (ex instanceof SQLTransientConnectionException
					|| ex instanceof SQLNonTransientConnectionException || ex instanceof SQLRecoverableException
					|| String.valueOf(ex.getSQLState()).matches("08.*|57P.*"))) {
				return true;
			}
		}
		return false;
	}

	private boolean isWritable() {
		try {
			this.check.run();
			return true;
		}
		catch (Throwable ex) {
			logger.debug("The store of durable jobs cannot be written", ex);
			return false;
		}
	}

	boolean isBegun() {
		return this.outage.get();
	}

	/**
	 * The store could be read. If it can be written too, it works again.
	 */
	void endIfWritable() {
		if (this.outage.get() && isWritable() && this.outage.compareAndSet(true, false)) {
			logger.info("The store of durable jobs works again");
		}
	}

}
