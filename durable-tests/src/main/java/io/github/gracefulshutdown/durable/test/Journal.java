package io.github.gracefulshutdown.durable.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * A file that outlives the process, with a line for each finished piece of work.
 *
 * @author The Graceful Shutdown authors
 */
@Component
class Journal {

	private final Path file;

	Journal(@Value("${journal:target/journal}") Path file) {
		this.file = file;
	}

	synchronized void add(String line) {
		try {
			Files.writeString(this.file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
