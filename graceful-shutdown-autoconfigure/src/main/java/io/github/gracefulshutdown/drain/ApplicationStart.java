package io.github.gracefulshutdown.drain;

/**
 * The start of an application. From its begin on, the instant of a signal is noted, so
 * that the deadline counts from the signal and not from the end of the start. A signal
 * before there is anything to drain lets the JVM exit as usual.
 *
 * @author The Graceful Shutdown authors
 */
public final class ApplicationStart implements ShutdownParticipant {

	private final SignalSettings settings;

	private final JvmShutdown jvm;

	/**
	 * Create a start.
	 * @param settings how the application wants signals to be handled
	 */
	public ApplicationStart(SignalSettings settings) {
		this(settings, JvmShutdown.INSTANCE);
	}

	ApplicationStart(SignalSettings settings, JvmShutdown jvm) {
		this.settings = settings;
		this.jvm = jvm;
	}

	/**
	 * The start begins.
	 */
	public void begin() {
		this.jvm.join(this);
	}

	/**
	 * The start has ended, or failed. Has no effect if it never began.
	 */
	public void end() {
		this.jvm.leave(this);
	}

	@Override
	public SignalSettings settings() {
		return this.settings;
	}

}
