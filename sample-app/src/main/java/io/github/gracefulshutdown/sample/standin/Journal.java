package io.github.gracefulshutdown.sample.standin;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The file in which the stand-in notes each call at once, one line each. It is also the
 * memory of the stand-in. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class Journal implements AutoCloseable {

	private final Path file;

	private final BufferedWriter writer;

	Journal(Path file) throws IOException {
		this.file = file;
		this.writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
	}

	synchronized void note(String method, String path, int status, String body) throws IOException {
		this.writer.write("%s %s %d %s%n".formatted(method, path, status, body.replaceAll("\\R", " ")));
		this.writer.flush();
	}

	/**
	 * Find the bodies of calls.
	 * @param method the method of the calls
	 * @param path their path
	 * @param status the status of their answers
	 * @return the bodies
	 * @throws IOException if the file cannot be read
	 */
	synchronized List<String> find(String method, String path, int status) throws IOException {
		String call = "%s %s %d ".formatted(method, path, status);
		return Files.readAllLines(this.file)
			.stream()
			.filter((line) -> line.startsWith(call))
			.map((line) -> line.substring(call.length()))
			.toList();
	}

	@Override
	public synchronized void close() throws IOException {
		this.writer.close();
	}

}
