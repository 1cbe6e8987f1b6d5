package io.github.gracefulshutdown.drain;

import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;

/**
 * Notes the instant at which the JVM began to shut down, which may be long before this
 * application context is closed, and writes the last line when everything is closed.
 *
 * @author The Graceful Shutdown authors
 */
final class JvmShutdown {

	/**
	 * Removing it has no effect, unless the JVM is shutting down: then it is refused.
	 */
	private static final Thread UNREGISTERED = new Thread("drain-unregistered");

	private final LongSupplier clock;

	private final Runnable lastWord;

	private final Thread hook = new Thread(this::note, "drain-jvm-hook");

	private volatile @Nullable Long nanos;

	JvmShutdown(LongSupplier clock, Runnable lastWord) {
		this.clock = clock;
		this.lastWord = lastWord;
	}

	void register() {
		unlessShuttingDown(() -> Runtime.getRuntime().addShutdownHook(this.hook));
		unlessShuttingDown(() -> SpringApplication.getShutdownHandlers().add(this.lastWord));
	}

	void unregister() {
		if (!isInProgress()) {
			unlessShuttingDown(() -> Runtime.getRuntime().removeShutdownHook(this.hook));
			unlessShuttingDown(() -> SpringApplication.getShutdownHandlers().remove(this.lastWord));
		}
	}

	/**
	 * Change the hooks of the JVM, unless it is shutting down.
	 * @param change the change
	 * @return whether it was made
	 */
	private static boolean unlessShuttingDown(Runnable change) {
		try {
			change.run();
			return true;
		}
		catch (IllegalStateException ex) {
			return false;
		}
	}

	private void note() {
		this.nanos = this.clock.getAsLong();
	}

	/**
	 * Return whether the JVM is shutting down. Hooks run in parallel, so another one may
	 * close the context before the hook of this class has run.
	 * @return whether the JVM is shutting down
	 */
	boolean isInProgress() {
		return this.nanos != null || isStopping();
	}

	/**
	 * Return whether the hooks of the JVM have been started.
	 * @return whether the JVM is shutting down
	 */
	static boolean isStopping() {
		return !unlessShuttingDown(() -> Runtime.getRuntime().removeShutdownHook(UNREGISTERED));
	}

	/**
	 * Return the signal behind the closing of the context.
	 * @return the signal
	 */
	DrainSignal signal() {
		Long nanos = this.nanos;
		long signalNanos = (nanos != null) ? nanos : this.clock.getAsLong();
		return isInProgress() ? new DrainSignal("SIGTERM, SIGINT or exit of the JVM", signalNanos)
				: DrainSignal.contextClosed(signalNanos);
	}

}
