package io.github.gracefulshutdown.durable;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.durable.DurableApplication.Jobs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.spy;

/**
 * Tests for durable jobs in PostgreSQL.
 *
 * @author The Graceful Shutdown authors
 */
class PostgreSqlDurableJobTests extends ServerDurableJobTests {

	private static final DurableApplication.Order QUEUED = new DurableApplication.Order("queued", null, 1);

	private static final DurableApplication.Order LATE = new DurableApplication.Order("late", null, 1);

	private static final String SMALL_POOL = "spring.datasource.hikari.maximum-pool-size=3";

	@Override
	String newDatabase() {
		return PostgreSql.newDatabase();
	}

	@Override
	void stopServer() {
		PostgreSql.stop();
	}

	@Override
	void startServer() {
		PostgreSql.start();
	}

	@Test
	void theNextJobBeginsBeforeTheEndOfTheLastOneIsWritten() throws SQLException {
		Jobs jobs = start("graceful-shutdown.durable.threads=1");
		jobs.gated("1");
		gate().awaitArrivals(1);
		jobs.order(new DurableApplication.Order("2", null, 1));
		try (Connection connection = Objects.requireNonNull(jdbc().getDataSource()).getConnection();
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("select id from durable_jobs where name = 'gated' for update");
			gate().open();
			await().untilAsserted(() -> assertThat(jobs.done()).hasSize(2));
			assertThat(DurableApplication.stored(jdbc())).isNotEmpty();
			connection.rollback();
		}
		awaitNothingStored();
	}

	@Override
	@Nullable Integer lockHolder() {
		return jdbc()
			.queryForList("select pid from pg_locks where locktype = 'advisory' and database ="
					+ " (select oid from pg_database where datname = current_database())", Integer.class)
			.stream()
			.findFirst()
			.orElse(null);
	}

	@Override
	void endSession(int session) {
		jdbc().queryForList("select pg_terminate_backend(?)", session);
	}

	@Override
	InstanceLock newLock(String instance) {
		return new PostgreSqlInstanceLock(instance, connect(url()));
	}

	@Test
	void anotherInstanceBeginsQueuedJobsAtTheSignal() {
		try (ConfigurableApplicationContext other = startOther()) {
			Jobs jobs = start(ONE_THREAD);
			jobs.gated("running");
			gate().awaitArrivals(1);
			jobs.order(QUEUED);
			closeWhile(() -> openWhen(other, QUEUED));
			assertThat(jobs.done()).containsExactly("running");
		}
	}

	@Test
	void anotherInstanceBeginsQueuedJobsInStandby() {
		try (ConfigurableApplicationContext other = startOther()) {
			Jobs jobs = start(ONE_THREAD);
			jobs.gated("running");
			gate().awaitArrivals(1);
			jobs.order(QUEUED);
			context().getBean(GracefulShutdown.class).standBy("test");
			awaitDone(other, QUEUED);
			jobs.order(LATE);
			awaitDone(other, QUEUED, LATE);
		}
	}

	@Test
	void anotherInstanceBeginsAJobThatIsStoredDuringTheDrain() {
		try (ConfigurableApplicationContext other = startOther()) {
			Jobs jobs = start(ONE_THREAD);
			context().getBean(DurableJobs.class).enqueue("nested", "late");
			gate().awaitArrivals(1);
			jobs.order(QUEUED);
			closeWhile(() -> openWhen(other, QUEUED));
			awaitDone(other, QUEUED, LATE);
		}
	}

	@Test
	void anotherInstanceBeginsAJobThatIsHandedOver() {
		try (ConfigurableApplicationContext other = startOther()) {
			Jobs jobs = start("graceful-shutdown.grace-period=3s", "graceful-shutdown.reserve=1s",
					"graceful-shutdown.cancel-before-deadline=500ms");
			DurableApplication.gate(other).open();
			jobs.gated("handed over");
			gate().awaitArrivals(1);
			closeWhile(() -> {
			});
			awaitDone(other, "handed over");
			assertThat(jobs.done()).isEmpty();
		}
	}

	@Test
	void jobsOfADeadInstanceAreAnnouncedIfTheyAreTooManyForOne() {
		try (ConfigurableApplicationContext other = startOther(ONE_THREAD)) {
			start(ONE_THREAD);
			Objects.requireNonNull(lockHolder());
			DurableApplication.store(jdbc(), "gated", "[\"1\"]", "RUNNING", "dead", 0);
			DurableApplication.store(jdbc(), "gated", "[\"2\"]", "RUNNING", "dead", 1);
			jdbc().update("insert into durable_instances (id, lock_key, seen_at) values ('dead', 1, 1)");
			gate().awaitArrivals(1);
			DurableApplication.gate(other).awaitArrivals(1);
			DurableApplication.gate(other).open();
			gate().open();
			awaitNothingStored();
		}
	}

	@Test
	void announcementsAreHeardAgainAfterTheSessionWasLost() {
		try (ConfigurableApplicationContext other = startOther()) {
			Integer lost = Objects.requireNonNull(lockHolder());
			jdbc().queryForList("select pg_terminate_backend(?)", lost);
			await().until(() -> {
				Integer holder = lockHolder();
				return holder != null && !lost.equals(holder);
			});
			Jobs jobs = start(ONE_THREAD);
			jobs.gated("running");
			gate().awaitArrivals(1);
			jobs.order(QUEUED);
			closeWhile(() -> openWhen(other, QUEUED));
		}
	}

	@Test
	void withoutTheDriversOwnTypesAnInstanceLooksForJobs() throws Exception {
		PostgreSqlInstanceLock lock = new PostgreSqlInstanceLock("test", new DelegatingDataSource(connect(url())) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = spy(super.getConnection());
				willThrow(SQLException.class).given(connection).unwrap(any());
				return connection;
			}

		});
		assertThat(lock.acquire()).isTrue();
		lock.announce();
		lock.listen(TimeUnit.HOURS.toMillis(1), () -> true);
		assertThat(lock.beat()).isTrue();
		lock.leave();
	}

	@Test
	void aConnectionThatListenedIsReturnedClean() throws Exception {
		SingleConnectionDataSource dataSource = new SingleConnectionDataSource(url(), true);
		JdbcTemplate session = new JdbcTemplate(dataSource);
		PostgreSqlInstanceLock lock = new PostgreSqlInstanceLock("test", dataSource);
		lock.acquire();
		assertThat(session.queryForList("select pg_listening_channels()")).hasSize(1);
		lock.leave();
		assertThat(session.queryForList("select pg_listening_channels()")).isEmpty();
		dataSource.destroy();
	}

	@Test
	void aPoolOfOneConnectionKeepsTheApplicationFromStarting() {
		assertThatExceptionOfType(InvalidDurableJobException.class)
			.isThrownBy(() -> startOther("spring.datasource.hikari.maximum-pool-size=1"))
			.withMessageStartingWith("spring.datasource.hikari.maximum-pool-size is 1:");
	}

	@Test
	void aSmallPoolIsWarnedOfIfAJobIsInATransaction(CapturedOutput output) {
		startOther(SMALL_POOL).close();
		assertThat(output).doesNotContain("requests wait");
		DurableApplication.start(WithTransaction.class, url(), SMALL_POOL, ONE_THREAD).close();
		assertThat(output).doesNotContain("requests wait");
		DurableApplication.start(WithTransaction.class, url(), SMALL_POOL, "graceful-shutdown.durable.threads=2")
			.close();
		assertThat(output).containsOnlyOnce("maximum-pool-size is 3, and durable job 'in-transaction'")
			.contains("Set it to 4 or more");
	}

	@Test
	void theDefaultsAreNotWarnedOf(CapturedOutput output) {
		DurableApplication.start(WithTransaction.class, url()).close();
		assertThat(output).doesNotContain("requests wait");
	}

	@Test
	void theLookForDeadInstancesDoesNotReadTheQueuedJobs() {
		jdbc().execute("insert into durable_jobs (id, name, payload, state, accepted_at, due_at, version, attempts,"
				+ " deaths) select 'id' || i, 'job', repeat('x', 1000), 'QUEUED', i, i, 1, 0, 0"
				+ " from generate_series(1, 20000) i");
		assertThat(jdbc().queryForList("explain " + SessionInstanceLock.UNLISTED, String.class, "this"))
			.noneMatch((line) -> line.contains("Seq Scan on durable_jobs"))
			.anyMatch((line) -> line.contains("durable_jobs_owner"));
	}

	private ConfigurableApplicationContext startOther(String... properties) {
		return DurableApplication.start(url(), properties);
	}

	private static void awaitDone(ConfigurableApplicationContext context, Object... jobs) {
		await()
			.untilAsserted(() -> assertThat(DurableApplication.jobs(context).done()).containsExactlyInAnyOrder(jobs));
	}

	private void openWhen(ConfigurableApplicationContext context, Object... done) {
		awaitDone(context, done);
		gate().open();
	}

	@EnableTransactionManagement
	static class WithTransaction extends DurableApplication {

		@Bean
		TransactionalJob transactionalJob() {
			return new TransactionalJob();
		}

	}

	static class TransactionalJob {

		@Transactional
		@DurableJob("in-transaction")
		void run() {
		}

	}

}
