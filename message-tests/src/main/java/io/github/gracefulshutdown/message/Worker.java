package io.github.gracefulshutdown.message;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Works on messages such as {@code order-1 200}, which takes 200 milliseconds, and writes
 * down when it begins and ends.
 *
 * @author The Graceful Shutdown authors
 */
@Component
class Worker {

	private final Path journal;

	Worker(@Value("${journal:target/journal}") Path journal) {
		this.journal = journal;
	}

	void handle(String message) throws IOException, InterruptedException {
		String[] parts = message.split(" ");
		write("begin " + parts[0]);
		Thread.sleep(Long.parseLong(parts[1]));
		write("end " + parts[0]);
	}

	private synchronized void write(String line) throws IOException {
		Files.writeString(this.journal, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
	}

}
