package io.github.gracefulshutdown.drain;

import java.util.Set;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Notes when the JVM was told to stop, which may be long before it is this application
 * context's turn to be closed, and has the last word when everything is closed.
 *
 * @author The Graceful Shutdown authors
 */
final class JvmShutdown {

	private static final Set<String> HOOK_THREADS = Set.of("SpringApplicationShutdownHook",
			ConfigurableApplicationContext.SHUTDOWN_HOOK_THREAD_NAME);

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

	private void unlessShuttingDown(Runnable registration) {
		try {
			registration.run();
		}
		catch (IllegalStateException ex) {
			// The JVM is shutting down: too late to come, and no need to go
		}
	}

	private void note() {
		this.nanos = this.clock.getAsLong();
	}

	/**
	 * Return whether the calling thread, which closes the context, does so because the
	 * JVM shuts down, or the JVM has begun to shut down since.
	 * @return whether the JVM shuts down
	 */
	boolean isInProgress() {
		return this.nanos != null || HOOK_THREADS.contains(Thread.currentThread().getName());
	}

	/**
	 * Return the signal that a thread that closes the context has got.
	 * @return the signal
	 */
	DrainSignal signal() {
		Long nanos = this.nanos;
		String cause = isInProgress() ? "SIGTERM, SIGINT or exit of the JVM" : "application context closed";
		return new DrainSignal(cause, (nanos != null) ? nanos : this.clock.getAsLong());
	}

}
