package io.github.gracefulshutdown.web;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.web.RequestWorkload.Request;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * An open WebSocket session whose handler says when it deals with a message. It is closed
 * after the messages in hand, so that their replies arrive. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class OpenWebSocket {

	private static final Log logger = LogFactory.getLog(OpenWebSocket.class);

	private final RequestWorkload workload;

	private final String path;

	private final Closing closing;

	private int inHand;

	private boolean goingAway;

	private boolean closed;

	OpenWebSocket(RequestWorkload workload, String path, Closing closing) {
		this.workload = workload;
		this.path = path;
		this.closing = closing;
	}

	/**
	 * Handle a message, or the opening of the session, on the calling thread.
	 * @param handling handles it
	 * @throws Exception if the handling does
	 */
	public void handle(Handling handling) throws Exception {
		synchronized (this) {
			this.inHand++;
		}
		// Not tracked after the drain, but handled as without it
		Request message = this.workload.acceptMessage(this.path);
		WorkState outcome = WorkState.FAILED;
		try {
			handling.run();
			outcome = WorkState.COMPLETED;
		}
		finally {
			if (isLast()) {
				close();
			}
			end(message, outcome);
		}
	}

	private static void end(@Nullable Request message, WorkState outcome) {
		if (message != null) {
			message.end(outcome);
		}
	}

	private synchronized boolean isLast() {
		this.inHand--;
		return this.inHand == 0 && this.goingAway;
	}

	/**
	 * Close the session now, or after the messages in hand.
	 * @return whether there are some
	 */
	boolean goAway() {
		synchronized (this) {
			this.goingAway = true;
			if (this.inHand > 0) {
				return true;
			}
		}
		close();
		return false;
	}

	private void close() {
		synchronized (this) {
			if (this.closed) {
				return;
			}
			this.closed = true;
		}
		try {
			this.closing.close();
		}
		catch (Exception ex) {
			logger.debug("The client of a WebSocket session has gone", ex);
		}
	}

	/**
	 * The session has been closed.
	 */
	public void closed() {
		this.workload.forget(this);
	}

	/**
	 * Handles a message.
	 */
	@FunctionalInterface
	public interface Handling {

		/**
		 * Handle the message.
		 * @throws Exception if the handler does
		 */
		void run() throws Exception;

	}

	/**
	 * Closes a session.
	 */
	@FunctionalInterface
	public interface Closing {

		/**
		 * Close the session.
		 * @throws Exception if it cannot be closed
		 */
		void close() throws Exception;

	}

}
