package io.github.gracefulshutdown.drain;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.AbstractApplicationContext;

/**
 * The part of an application context in the shutdown of the JVM.
 *
 * @author The Graceful Shutdown authors
 */
final class ContextParticipant implements ShutdownParticipant {

	private static final String SHUTDOWN_HOOK = "org.springframework.boot.SpringApplicationShutdownHook";

	private final ConfigurableApplicationContext context;

	private final DefaultGracefulShutdown shutdown;

	private final JvmShutdown jvm;

	private final Runnable lastWord;

	private volatile SignalSettings settings;

	private volatile boolean closedByHook;

	/**
	 * Create a participant.
	 * @param context the context
	 * @param shutdown its drain
	 * @param jvm the shutdown of the JVM
	 * @param lastWord logs that the context is closed
	 * @param settings how signals are handled, if Spring Boot's shutdown hook closes the
	 * context
	 */
	ContextParticipant(ConfigurableApplicationContext context, DefaultGracefulShutdown shutdown, JvmShutdown jvm,
			Runnable lastWord, SignalSettings settings) {
		this.context = context;
		this.shutdown = shutdown;
		this.jvm = jvm;
		this.lastWord = lastWord;
		this.settings = settings;
	}

	// A context that the JVM's exit does not close is not closed by a signal either
	void join() {
		this.closedByHook = isKnownToHook();
		this.settings = new SignalSettings(this.settings.beforeJvmHooks() && this.closedByHook,
				this.settings.forceOnSecondInterrupt());
		this.jvm.join(this);
	}

	void leave() {
		this.jvm.leave(this);
	}

	/**
	 * Return whether Spring Boot's shutdown hook closes the context when the JVM exits.
	 * @return whether it does, once joined
	 */
	boolean isClosedByHook() {
		return this.closedByHook;
	}

	private boolean isKnownToHook() {
		return this.context instanceof AbstractApplicationContext closed && closed.getApplicationListeners()
			.stream()
			.anyMatch((listener) -> listener.getClass().getName().startsWith(SHUTDOWN_HOOK));
	}

	@Override
	public SignalSettings settings() {
		return this.settings;
	}

	@Override
	public @Nullable ConfigurableApplicationContext context() {
		return this.settings.beforeJvmHooks() ? this.context : null;
	}

	@Override
	public void closed() {
		this.lastWord.run();
	}

	@Override
	public long remainingNanos(DrainSignal signal) {
		return this.shutdown.untilLastCall(signal);
	}

	@Override
	public void logLost() {
		this.shutdown.logLost();
	}

}
