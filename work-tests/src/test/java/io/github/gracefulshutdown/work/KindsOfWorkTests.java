package io.github.gracefulshutdown.work;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.github.gracefulshutdown.process.ApplicationProcess;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The promises for each kind of work that is in flight at the signal.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(300)
class KindsOfWorkTests {

	@TempDir
	private Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "pool", "fork-join", "chain", "nursery", "handle", "context", "reactive", "quartz" })
	void itIsFinished(String kind) {
		List<String> journal = terminated(kind);
		assertThat(journal).contains("end slow");
		assertThat(lines(journal, "begin ")).isEqualTo(lines(journal, "end "));
	}

	/**
	 * Without the starter, no kind is waited for, so kinds can share a process. The chain
	 * cannot: Spring waits for its first step.
	 * @param kinds the kinds, separated by commas
	 */
	@ParameterizedTest
	@ValueSource(strings = { "pool,fork-join,handle,reactive,quartz", "chain" })
	void withoutTheStarterItIsCut(String kinds) {
		assertThat(terminated(kinds, ApplicationProcess.WITHOUT_STARTER)).doesNotContain("end slow");
	}

	private List<String> terminated(String kinds, String... arguments) {
		try (ApplicationProcess application = start(kinds, arguments)) {
			awaitLines(application, "begin ", kinds.split(",").length);
			application.terminate();
			application.awaitExit();
			return application.journal();
		}
	}

	@Test
	void aBatchJobIsStoppedAfterItsChunkAndGoesOnWhenItIsStartedAgain() {
		// By default, a shutdown hook of H2 closes the database at the signal
		String database = "--spring.datasource.url=jdbc:h2:file:%s;DB_CLOSE_ON_EXIT=FALSE"
			.formatted(this.directory.resolve("batch"));
		List<String> journal;
		try (ApplicationProcess application = start("batch", database)) {
			awaitLine(application, "begin two");
			application.terminate();
			application.awaitExit();
			journal = application.journal();
		}
		assertThat(lines(journal, "begin ")).isEqualTo(lines(journal, "end ")).doesNotContain("five");
		try (ApplicationProcess application = start("batch", database)) {
			awaitLine(application, "end five");
			application.terminate();
			application.awaitExit();
			assertThat(lines(application.journal(), "end ")).containsExactly("one", "two", "three", "four", "five");
		}
	}

	@Test
	void withoutTheStarterABatchJobIsCut() {
		try (ApplicationProcess application = start("batch", "--spring.datasource.url=jdbc:h2:mem:batch",
				ApplicationProcess.WITHOUT_STARTER)) {
			awaitLine(application, "begin two");
			application.terminate();
			application.awaitExit();
			List<String> journal = application.journal();
			assertThat(lines(journal, "begin ")).hasSizeGreaterThan(lines(journal, "end ").size());
		}
	}

	private ApplicationProcess start(String kind, String... arguments) {
		return ApplicationProcess.start(this.directory,
				Stream.concat(Stream.of("--spring.profiles.active=" + kind), Stream.of(arguments))
					.toArray(String[]::new));
	}

	private static void awaitLine(ApplicationProcess application, String prefix) {
		awaitLines(application, prefix, 1);
	}

	private static void awaitLines(ApplicationProcess application, String prefix, int count) {
		Awaitility.await()
			.atMost(Duration.ofMinutes(1))
			.until(() -> lines(application.journal(), prefix).size() >= count);
	}

	private static List<String> lines(List<String> journal, String prefix) {
		return journal.stream()
			.filter((line) -> line.startsWith(prefix))
			.map((line) -> line.substring(prefix.length()))
			.toList();
	}

}
