package io.github.gracefulshutdown.intake;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.springframework.context.SmartLifecycle;

/**
 * A lifecycle that has stopped when the test says so.
 *
 * @author The Graceful Shutdown authors
 */
class TestLifecycle implements SmartLifecycle {

	private final int phase;

	private final List<Runnable> callbacks = new CopyOnWriteArrayList<>();

	private volatile boolean running;

	TestLifecycle(int phase) {
		this.phase = phase;
	}

	/**
	 * The number of calls to stop.
	 * @return the number
	 */
	int stopCalls() {
		return this.callbacks.size();
	}

	void stopped() {
		this.running = false;
		this.callbacks.forEach(Runnable::run);
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop(Runnable callback) {
		this.callbacks.add(callback);
	}

	@Override
	public void stop() {
		stop(() -> {
		});
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

}
