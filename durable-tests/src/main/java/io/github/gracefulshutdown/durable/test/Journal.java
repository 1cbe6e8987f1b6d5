package io.github.gracefulshutdown.durable.test;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

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

	// Not a channel, which an interrupt would close
	synchronized void add(String line) {
		try (OutputStream stream = new FileOutputStream(this.file.toFile(), true)) {
			stream.write((line + "\n").getBytes(StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
