package io.github.gracefulshutdown.durable;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import javax.sql.DataSource;

import io.github.gracefulshutdown.durable.DurableApplication.Jobs;
import io.github.gracefulshutdown.durable.DurableApplication.Order;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for durable jobs in MariaDB.
 *
 * @author The Graceful Shutdown authors
 */
class MariaDbDurableJobTests extends ServerDurableJobTests {

	@Override
	String newDatabase() {
		return MariaDb.newDatabase();
	}

	@Override
	void stopServer() {
		MariaDb.stop();
	}

	@Override
	void startServer() {
		MariaDb.start();
	}

	@Override
	@Nullable Integer lockHolder() {
		return jdbc()
			.queryForList("select is_used_lock(concat('durable-jobs-', lock_key)) from durable_instances",
					Integer.class)
			.stream()
			.filter(Objects::nonNull)
			.findFirst()
			.orElse(null);
	}

	@Override
	void endSession(int session) {
		jdbc().execute("kill " + session);
	}

	@Override
	InstanceLock newLock(String instance) {
		return new MariaDbInstanceLock(instance, connect(url()));
	}

	@Test
	void textIsKeptWhateverTheCharacterSetOfTheServer() {
		Jobs jobs = start();
		Order order = new Order("ö \uD83D\uDE00 \0", List.of("\u65E5"), 1);
		jobs.order(order);
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly(order));
		assertThat(jdbc().queryForObject("select @@character_set_server", String.class)).isEqualTo("latin1");
	}

	@Test
	void keysThatDifferInCaseAccentOrBlanksAreDifferent() {
		Jobs jobs = start();
		DurableJobs durable = context().getBean(DurableJobs.class);
		List<String> keys = List.of("a", "A", "\u00E4", "a ", "\uD83D\uDE00", "\uD83D\uDE01", "a".repeat(200),
				"\uD83D\uDE00".repeat(100));
		List<JobId> ids = keys.stream().map((key) -> durable.enqueue("gated", key)).toList();
		assertThat(ids).doesNotHaveDuplicates();
		assertThat(keys.stream().map((key) -> durable.enqueue("gated", key))).containsExactlyElementsOf(ids);
		gate().open();
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactlyInAnyOrderElementsOf(keys));
	}

	@Test
	void aJobThatWasStoredAfterTheBeginOfTheTransactionIsFound() {
		start();
		DurableJobs durable = context().getBean(DurableJobs.class);
		DurableApplication.transactions(context()).executeWithoutResult((status) -> {
			assertThat(DurableApplication.stored(DurableApplication.jdbc(context()))).isEmpty();
			JobId id = CompletableFuture.supplyAsync(() -> durable.enqueue("gated", "1")).join();
			assertThat(durable.enqueue("gated", "1")).isEqualTo(id);
		});
	}

	@Test
	void aJobThatHasEndedAfterTheBeginOfTheTransactionIsStoredAgain() {
		Jobs jobs = start();
		DurableJobs durable = context().getBean(DurableJobs.class);
		JobId id = durable.enqueue("gated", "1");
		DurableApplication.transactions(context()).executeWithoutResult((status) -> {
			assertThat(DurableApplication.stored(DurableApplication.jdbc(context()))).hasSize(1);
			gate().open();
			awaitNothingStored();
			assertThat(durable.enqueue("gated", "1")).isNotEqualTo(id);
		});
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("1", "1"));
	}

	@Test
	void aJobIsPickedWhileATransactionHasItsKey() {
		Jobs jobs = start("graceful-shutdown.durable.threads=1");
		DurableJobs durable = context().getBean(DurableJobs.class);
		durable.enqueue("gated", "running");
		gate().awaitArrivals(1);
		durable.enqueue("gated", "1");
		DurableApplication.transactions(context()).executeWithoutResult((status) -> {
			durable.enqueue("gated", "1");
			gate().open();
			await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("running", "1"));
		});
		awaitNothingStored();
	}

	@Test
	void callersOfOneKeyAreNoVictimsOfADeadlock() {
		start();
		DurableJobs durable = context().getBean(DurableJobs.class);
		List<CompletableFuture<JobId>> calls = new ArrayList<>();
		DurableApplication.transactions(context()).executeWithoutResult((status) -> {
			durable.enqueue("gated", "1");
			for (int i = 0; i < 4; i++) {
				calls.add(CompletableFuture.supplyAsync(() -> durable.enqueue("gated", "1"),
						(call) -> new Thread(call).start()));
			}
			// The server shows the same for 100 ms
			await().pollInterval(Duration.ofMillis(200)).until(() -> waiting() == calls.size());
			// Each gets a shared lock now, and wants to write
			status.setRollbackOnly();
		});
		assertThat(calls.stream().map(CompletableFuture::join).distinct()).hasSize(1);
	}

	private int waiting() {
		return jdbc().queryForList("select trx_id from information_schema.innodb_trx where trx_state = 'LOCK WAIT'")
			.size();
	}

	@Test
	void progressMayBeSavedTwiceThoughTheDriverCountsOnlyChanges() {
		Jobs jobs = start("spring.datasource.url=" + url() + "&useAffectedRows=true");
		jobs.gated("1");
		gate().awaitArrivals(1);
		jobs.context().saveProgress(1);
		jobs.context().saveProgress(1);
		gate().open();
		awaitNothingStored();
	}

	@Test
	void theSessionOfTheLockEndsSoonAndIsLikeAnyOtherAfterwards() throws SQLException {
		SingleConnectionDataSource session = new SingleConnectionDataSource(url(), true);
		try {
			Long before = sessionTimeout(session);
			SessionInstanceLock lock = new MariaDbInstanceLock("test", session);
			assertThat(lock.acquire()).isTrue();
			assertThat(lockHolder()).isNotNull();
			assertThat(sessionTimeout(session)).isEqualTo(60).isLessThan(before);
			jdbc().update("update durable_instances set id = 'left' where id = 'test'");
			lock.leave();
			assertThat(lockHolder()).isNull();
			assertThat(sessionTimeout(session)).isEqualTo(before);
		}
		finally {
			session.destroy();
		}
	}

	private static @Nullable Long sessionTimeout(DataSource session) {
		return new JdbcTemplate(session).queryForObject("select @@session.wait_timeout", Long.class);
	}

	@Test
	void afterARestartOfTheDatabaseNobodyIsTakenForDead() {
		jdbc().update("insert into durable_instances (id, lock_key, seen_at) values ('silent', 1, 1)");
		stopServer();
		startServer();
		List<String> silent = new MariaDbInstanceLock("test", connect(url())).findSilent();
		Long uptime = jdbc().queryForObject("show global status like 'Uptime'", (row, number) -> row.getLong("value"));
		assumeTrue(uptime != null && uptime < 10, "The server took long to start");
		assertThat(silent).isEmpty();
	}

}
