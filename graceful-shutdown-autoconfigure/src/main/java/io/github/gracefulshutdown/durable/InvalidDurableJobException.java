package io.github.gracefulshutdown.durable;

/**
 * A {@link DurableJob} method or its store cannot work, so the application does not
 * start.
 *
 * @author The Graceful Shutdown authors
 */
public final class InvalidDurableJobException extends IllegalStateException {

	private final String action;

	/**
	 * Create an exception.
	 * @param message names the method, or the store, and the reason
	 * @param action the way out
	 */
	public InvalidDurableJobException(String message, String action) {
		super(message);
		this.action = action;
	}

	/**
	 * Return how to mend it.
	 * @return a sentence
	 */
	public String getAction() {
		return this.action;
	}

}
