package io.github.gracefulshutdown.durable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for durable jobs in a SQLite database of the application.
 *
 * @author The Graceful Shutdown authors
 */
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

	private long lockFiles() throws Exception {
		try (Stream<Path> files = Files.list(this.directory)) {
			return files.filter((file) -> file.toString().endsWith(".lock")).count();
		}
	}

}
