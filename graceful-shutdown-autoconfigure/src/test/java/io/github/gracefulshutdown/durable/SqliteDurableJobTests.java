package io.github.gracefulshutdown.durable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import io.github.gracefulshutdown.durable.DurableApplication.Jobs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for durable jobs in a SQLite database of the application.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class SqliteDurableJobTests extends DurableJobTests {

	@TempDir
	private Path directory;

	@Override
	String newDatabase() {
		return "jdbc:sqlite:%s?journal_mode=WAL&busy_timeout=20000".formatted(this.directory.resolve("jobs.db"));
	}

	@Override
	boolean canWriteDuringATransaction() {
		return false;
	}

	@Test
	void noLockFileIsLeft() throws Exception {
		start();
		assertThat(lockFiles()).isEqualTo(1);
		close();
		assertThat(lockFiles()).isZero();
	}

	@Test
	void aServerThatCannotSkipLockedRowsIsRefused() {
		assertThatExceptionOfType(InvalidDurableJobException.class)
			.isThrownBy(() -> DurableSchema.check(connect(url()), Database.MARIADB))
			.withMessageContaining("too old for durable jobs")
			.withMessageContaining("skip locked");
	}

	@Test
	void aJobWhoseEndIsNotTakenIsNamedAndIsNoOutage(CapturedOutput output) {
		Jobs jobs = start(OFTEN);
		refuse("delete", "bad");
		jobs.async("bad");
		jobs.async("good");
		await().untilAsserted(() -> assertThat(output).containsPattern(
				"The end of durable job 'async [-0-9a-f]+' cannot be written, and is tried again: .*refused"));
		jobs.async("next");
		await().untilAsserted(() -> assertThat(DurableApplication.stored(jdbc())).hasSize(1));
		jdbc().execute("drop trigger refused");
		awaitNothingStored();
		assertThat(output).doesNotContain("The store of durable jobs").containsOnlyOnce("cannot be written");
	}

	@Test
	void aJobThatCannotBePickedIsNamedAndDelaysNoOther(CapturedOutput output) {
		Jobs jobs = start(OFTEN);
		refuse("update", "bad");
		DurableApplication.store(jdbc(), "async", "[\"bad\"]", "QUEUED", null, 2);
		await().untilAsserted(() -> assertThat(output)
			.contains("Durable job 'async id-async2' cannot be picked or handed over, and that is tried again: "));
		jobs.async("good");
		await().untilAsserted(() -> assertThat(DurableApplication.stored(jdbc())).hasSize(1));
		jdbc().execute("drop trigger refused");
		awaitNothingStored();
		assertThat(output).doesNotContain("The store of durable jobs").containsOnlyOnce("cannot be picked");
	}

	@Test
	void aJobThatIsHandedOverIsNamed(CapturedOutput output) {
		Jobs jobs = start();
		jobs.pages(1, 0);
		gate().awaitArrivals(1);
		String id = jobs.context().id();
		closeWhile(() -> {
		});
		assertThat(output).containsOnlyOnce("Durable job 'pages %s' was interrupted, and is handed over".formatted(id));
	}

	@Test
	void anInstanceThatCannotBeTakenOverIsNamedOnce(CapturedOutput output) {
		Jobs jobs = start();
		refuse("update", "bad");
		DurableApplication.store(jdbc(), "async", "[\"bad\"]", "RUNNING", "dead", 0);
		await().untilAsserted(
				() -> assertThat(output).contains("Instance dead cannot be taken over, and that is tried again: "));
		jdbc().execute("drop trigger refused");
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(1));
		assertThat(output).containsOnlyOnce("cannot be taken over");
	}

	private void refuse(String operation, String id) {
		jdbc().execute("create trigger refused before %s on durable_jobs when old.payload = '[\"%s\"]'"
			.formatted(operation, id) + " begin select raise(abort, 'refused'); end");
	}

	private long lockFiles() throws Exception {
		try (Stream<Path> files = Files.list(this.directory)) {
			return files.filter((file) -> file.toString().endsWith(".lock")).count();
		}
	}

}
