package io.github.gracefulshutdown.durable.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.github.gracefulshutdown.process.ApplicationProcess;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two versions of the application on one PostgreSQL, as during a deployment.
 *
 * @author The Graceful Shutdown authors
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.SAME_THREAD)
class TwoInstancesTests {

	private static final Duration LIMIT = Duration.ofSeconds(90);

	private JdbcTemplate jdbc;

	private ApplicationProcess former;

	private ApplicationProcess next;

	@BeforeAll
	void start(@TempDir Path directory) {
		String database = PostgreSql.newDatabase();
		this.jdbc = new JdbcTemplate(new DriverManagerDataSource(database));
		CompletableFuture<ApplicationProcess> former = CompletableFuture
			.supplyAsync(() -> start(directory, database, 1));
		this.next = start(directory, database, 2);
		this.former = former.join();
	}

	private static ApplicationProcess start(Path directory, String database, int version) {
		try {
			return ApplicationProcess.start(Files.createDirectory(directory.resolve("version-" + version)),
					"--graceful-shutdown.durable.file=", "--database=" + database, "--version=" + version,
					"--graceful-shutdown.durable.poll-interval=100ms");
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@AfterAll
	void close() {
		this.former.close();
		this.next.close();
	}

	private static void post(ApplicationProcess process, String path) {
		assertThat(process.post(path).join().statusCode()).isBetween(200, 299);
	}

	private void awaitNothingStored() {
		Awaitility.await()
			.atMost(LIMIT)
			.untilAsserted(
					() -> assertThat(this.jdbc.queryForList("select name, state, error from durable_jobs")).isEmpty());
	}

	@Test
	void twoVersionsDoTheJobsOfEachOther() {
		post(this.former, "/standby");
		post(this.former, "/versioned-jobs?id=of-former");
		this.next.awaitJournal("renamed of-former");
		this.next.awaitJournal("changed Order[id=of-former, amount=1, items=null]");
		post(this.next, "/standby");
		post(this.next, "/versioned-jobs?id=of-next");
		post(this.former, "/resume");
		this.former.awaitJournal("removed of-former");
		this.former.awaitJournal("changed Order[id=of-next, amount=2, comment=null]");
		assertThat(this.jdbc.queryForList("select name from durable_jobs order by name", String.class))
			.containsExactly("added", "new-name");
		post(this.next, "/resume");
		this.next.awaitJournal("added of-next");
		this.next.awaitJournal("renamed of-next");
		awaitNothingStored();
		assertThat(versioned(this.former)).hasSize(2);
		assertThat(versioned(this.next)).hasSize(4);
		assertThat(this.former.output() + this.next.output()).doesNotContain("durable job '", "Durable job '");
	}

	private static List<String> versioned(ApplicationProcess process) {
		return process.journal().stream().filter((line) -> line.contains("of-")).toList();
	}

	@Test
	void noInstanceBeginsAJobBeforeItsTransactionIsCommitted() {
		CompletableFuture<Void> transactions = CompletableFuture.allOf(
				CompletableFuture.runAsync(() -> post(this.former, "/rolled-back?id=rolled-back&duration=2000")),
				CompletableFuture.runAsync(() -> post(this.former, "/committed?id=committed&duration=2000")));
		Awaitility.await().atMost(LIMIT).until(() -> {
			boolean begun = isBegun("committed");
			if (begun) {
				assertThat(this.former.journal()).contains("transaction ends committed");
			}
			return begun;
		});
		transactions.join();
		awaitNothingStored();
		assertThat(this.former.journal()).contains("transaction ends rolled-back");
		assertThat(isBegun("rolled-back")).isFalse();
	}

	private boolean isBegun(String id) {
		return Stream.of(this.former, this.next).anyMatch((process) -> process.journal().contains("begun " + id));
	}

}
