package io.github.gracefulshutdown.drain;

import org.apache.commons.logging.Log;

/**
 * The log of one drain. If there are several application contexts in the JVM, its lines
 * begin with the identifier of the context.
 *
 * @author The Graceful Shutdown authors
 */
final class ContextLog implements Log {

	private final Log logger;

	private volatile String prefix = "";

	ContextLog(Log logger) {
		this.logger = logger;
	}

	void setContext(String id) {
		this.prefix = id + ": ";
	}

	@Override
	public void trace(Object message) {
		this.logger.trace(this.prefix + message);
	}

	@Override
	public void trace(Object message, Throwable ex) {
		this.logger.trace(this.prefix + message, ex);
	}

	@Override
	public boolean isTraceEnabled() {
		return this.logger.isTraceEnabled();
	}

	@Override
	public void debug(Object message) {
		this.logger.debug(this.prefix + message);
	}

	@Override
	public void debug(Object message, Throwable ex) {
		this.logger.debug(this.prefix + message, ex);
	}

	@Override
	public boolean isDebugEnabled() {
		return this.logger.isDebugEnabled();
	}

	@Override
	public void info(Object message) {
		this.logger.info(this.prefix + message);
	}

	@Override
	public void info(Object message, Throwable ex) {
		this.logger.info(this.prefix + message, ex);
	}

	@Override
	public boolean isInfoEnabled() {
		return this.logger.isInfoEnabled();
	}

	@Override
	public void warn(Object message) {
		this.logger.warn(this.prefix + message);
	}

	@Override
	public void warn(Object message, Throwable ex) {
		this.logger.warn(this.prefix + message, ex);
	}

	@Override
	public boolean isWarnEnabled() {
		return this.logger.isWarnEnabled();
	}

	@Override
	public void error(Object message) {
		this.logger.error(this.prefix + message);
	}

	@Override
	public void error(Object message, Throwable ex) {
		this.logger.error(this.prefix + message, ex);
	}

	@Override
	public boolean isErrorEnabled() {
		return this.logger.isErrorEnabled();
	}

	@Override
	public void fatal(Object message) {
		this.logger.fatal(this.prefix + message);
	}

	@Override
	public void fatal(Object message, Throwable ex) {
		this.logger.fatal(this.prefix + message, ex);
	}

	@Override
	public boolean isFatalEnabled() {
		return this.logger.isFatalEnabled();
	}

}
