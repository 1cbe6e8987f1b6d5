package io.github.gracefulshutdown.work;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Works on messages and notes the begin and the end. The message {@code order-1 200}
 * takes 200 milliseconds.
 *
 * @author The Graceful Shutdown authors
 */
@Component
class Worker {

	private final Path journal;

	Worker(@Value("${journal:target/journal}") Path journal) {
		this.journal = journal;
	}

	void handle(String message) {
		String[] parts = message.split(" ");
		handle(parts[0], () -> Thread.sleep(Long.parseLong(parts[1])));
	}

	void handle(String id, InterruptibleTask task) {
		write("begin " + id);
		try {
			task.run();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted", ex);
		}
		write("end " + id);
	}

	/**
	 * Handle a message on an untracked thread.
	 * @param message the message
	 * @return complete when the message is handled
	 */
	CompletableFuture<Void> handleElsewhere(String message) {
		return CompletableFuture.runAsync(() -> handle(message), (task) -> {
			Thread thread = new Thread(task);
			thread.setDaemon(true);
			thread.start();
		});
	}

	private synchronized void write(String line) {
		try {
			Files.writeString(this.journal, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Work that takes time.
	 */
	interface InterruptibleTask {

		void run() throws InterruptedException;

	}

}
