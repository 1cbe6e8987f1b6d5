package io.github.gracefulshutdown.sample.standin;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file in which the stand-in notes each call at once, one line each. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class Journal implements AutoCloseable {

	private final BufferedWriter writer;

	Journal(Path file) throws IOException {
		this.writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
	}

	synchronized void note(String method, String path, int status, String body) throws IOException {
		this.writer.write("%s %s %d %s%n".formatted(method, path, status, body.replaceAll("\\R", " ")));
		this.writer.flush();
	}

	@Override
	public synchronized void close() throws IOException {
		this.writer.close();
	}

}
