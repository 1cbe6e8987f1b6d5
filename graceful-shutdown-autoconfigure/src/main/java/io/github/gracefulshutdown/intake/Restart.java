package io.github.gracefulshutdown.intake;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.gracefulshutdown.tracking.BestEffort;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The start of a lifecycle that was stopped, which can be cancelled until it has begun.
 *
 * @author The Graceful Shutdown authors
 */
final class Restart implements Runnable {

	private static final Log logger = LogFactory.getLog(Restart.class);

	private final String name;

	private final StoppedLifecycle lifecycle;

	private final AtomicBoolean decided = new AtomicBoolean();

	private final CompletableFuture<Void> done = new CompletableFuture<>();

	Restart(String name, StoppedLifecycle lifecycle) {
		this.name = name;
		this.lifecycle = lifecycle;
	}

	StoppedLifecycle getLifecycle() {
		return this.lifecycle;
	}

	/**
	 * Return a future that is completed when the lifecycle has been started, or will not
	 * be.
	 * @return a future that does not fail
	 */
	CompletableFuture<Void> done() {
		return this.done;
	}

	/**
	 * Do not start the lifecycle.
	 * @return {@code false} if its start has begun
	 */
	boolean cancel() {
		return this.decided.compareAndSet(false, true);
	}

	@Override
	public void run() {
		if (this.decided.compareAndSet(false, true)) {
			BestEffort.run(logger, "starting '%s' again".formatted(this.name), this.lifecycle::start);
		}
		this.done.complete(null);
	}

}
