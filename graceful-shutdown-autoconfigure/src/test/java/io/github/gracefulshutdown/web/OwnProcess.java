package io.github.gracefulshutdown.web;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A JVM of its own for an application whose exit is tested.
 *
 * @author The Graceful Shutdown authors
 */
final class OwnProcess implements AutoCloseable {

	private final Process process;

	private final Path log;

	/**
	 * Start a JVM with the class path of the tests.
	 * @param directory where its output is written
	 * @param application the class with a main method
	 * @param option an option of the JVM
	 * @param arguments the arguments of the main method
	 */
	OwnProcess(Path directory, Class<?> application, String option, String... arguments) throws Exception {
		File output = directory.resolve("log").toFile();
		this.log = output.toPath();
		List<String> command = new ArrayList<>(
				List.of(System.getProperty("java.home") + "/bin/java", "-XX:TieredStopAtLevel=1", option, "-cp",
						System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
						application.getName()));
		command.addAll(List.of(arguments));
		this.process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
	}

	int awaitExit() throws InterruptedException {
		assertThat(this.process.waitFor(3, TimeUnit.MINUTES)).as(this::output).isTrue();
		return this.process.exitValue();
	}

	void awaitOutput(String text) {
		await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> assertThat(output()).contains(text));
	}

	String output() {
		try {
			return Files.readString(this.log);
		}
		catch (Exception ex) {
			return ex.toString();
		}
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
	}

}
