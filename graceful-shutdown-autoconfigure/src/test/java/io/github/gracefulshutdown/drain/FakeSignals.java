package io.github.gracefulshutdown.drain;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.gracefulshutdown.tracking.DrainThreads;

/**
 * Signals that tests send. The JVM that would handle them only takes a note.
 *
 * @author The Graceful Shutdown authors
 */
final class FakeSignals implements Signals {

	private final Map<String, Runnable> handlers = new ConcurrentHashMap<>();

	private final List<String> story;

	FakeSignals(List<String> story) {
		this.story = story;
	}

	FakeSignals() {
		this(new CopyOnWriteArrayList<>());
	}

	/**
	 * Send a signal, and return when its handler has returned.
	 * @param name the name of the signal
	 */
	void send(String name) {
		Thread thread = DrainThreads.create("test-signal", Objects.requireNonNull(this.handlers.get(name)));
		thread.start();
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	List<String> taken() {
		return this.handlers.keySet().stream().sorted().toList();
	}

	@Override
	public Taken take(String name, Runnable handler) {
		this.handlers.put(name, handler);
		return new Taken() {

			@Override
			public void handOn() {
				FakeSignals.this.story.add("hooks after " + name);
			}

			@Override
			public void giveBack() {
				FakeSignals.this.handlers.remove(name);
			}

		};
	}

}
