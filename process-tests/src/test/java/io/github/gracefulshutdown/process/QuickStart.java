package io.github.gracefulshutdown.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The test application with an archive of its classes (CDS). A start of it takes a third
 * of the processor time that the executable jar takes, for which there are three reasons:
 * the libraries are not nested in a jar, the classes are parsed and verified already, and
 * C2 and the threads of G1 do not run in a process that lives for seconds.
 *
 * @author The Graceful Shutdown authors
 */
final class QuickStart {

	private static final List<String> OPTIONS = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

	private static final List<String> COMMAND = prepare(Path.of(System.getProperty("application.jar")));

	private QuickStart() {
	}

	/**
	 * Return the JVM's arguments, up to those of the application. The first call prepares
	 * the application.
	 * @return the arguments
	 */
	static List<String> command() {
		return COMMAND;
	}

	// Always anew: a rebuilt jar has the same time stamp, by which the JVM would notice
	// it
	private static List<String> prepare(Path jar) {
		Path directory = jar.resolveSibling("quick-start");
		try {
			FileSystemUtils.deleteRecursively(directory);
			Files.createDirectories(directory);
			return archive(directory, extract(jar, directory));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private static Path extract(Path jar, Path directory) throws IOException, InterruptedException {
		Path destination = directory.resolve("application");
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Djarmode=tools", "-jar", jar.toString(), "extract", "--destination", destination.toString())
			.inheritIO()
			.start();
		assertThat(process.waitFor()).isZero();
		return destination.resolve(jar.getFileName());
	}

	private static List<String> archive(Path directory, Path jar) {
		Path archive = directory.resolve("classes.jsa");
		try (ApplicationProcess application = ApplicationProcess.start(directory,
				command("-XX:ArchiveClassesAtExit=" + archive, jar))) {
			application.terminate();
			application.awaitExit();
			assertThat(archive).as(application.output()).exists();
		}
		return command("-XX:SharedArchiveFile=" + archive, jar);
	}

	private static List<String> command(String option, Path jar) {
		List<String> command = new ArrayList<>(OPTIONS);
		command.addAll(List.of(option, "-jar", jar.toString()));
		return List.copyOf(command);
	}

}
