package io.github.gracefulshutdown.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;

import org.springframework.boot.SpringBootVersion;

/**
 * The sections of {@code docs/benchmarks.md} that programs of this module write. The
 * system property {@code benchmarks.result} is the file.
 *
 * @author The Graceful Shutdown authors
 */
public final class BenchmarksDocument {

	private BenchmarksDocument() {
	}

	/**
	 * Return on what is measured.
	 * @return a sentence
	 */
	public static String machine() {
		return "On %s %s with %d processors that other work may share, Java %s, Spring Boot %s, %s.".formatted(
				System.getProperty("os.name"), System.getProperty("os.arch"),
				Runtime.getRuntime().availableProcessors(), Runtime.version(), SpringBootVersion.getVersion(),
				LocalDate.now(ZoneOffset.UTC));
	}

	/**
	 * Replace a section, or append it if there is none.
	 * @param section the section, which begins with its title in the first line
	 * @throws IOException if the document cannot be written
	 */
	public static void write(String section) throws IOException {
		Path result = Path.of(System.getProperty("benchmarks.result", "benchmarks.md"));
		String document = Files.exists(result) ? Files.readString(result) : "";
		int begin = document.indexOf(section.substring(0, section.indexOf('\n') + 1));
		int end = (begin >= 0) ? document.indexOf("\n## ", begin) : -1;
		String before = (begin >= 0) ? document.substring(0, begin) : document + "\n";
		Files.writeString(result,
				(before + section.stripTrailing() + "\n" + ((end >= 0) ? document.substring(end) : "")).stripTrailing()
						+ "\n");
	}

}
