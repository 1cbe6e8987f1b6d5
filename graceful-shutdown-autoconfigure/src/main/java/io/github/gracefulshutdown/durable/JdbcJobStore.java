package io.github.gracefulshutdown.durable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

/**
 * {@link JobStore} in a table of a relational database. All statements are plain SQL.
 * What is only queued is not locked, so that nothing has to be released at the signal.
 *
 * @author The Graceful Shutdown authors
 */
final class JdbcJobStore implements JobStore {

	static final int MAX_ERROR_LENGTH = 2000;

	private static final RowMapper<StoredJob> JOB = (row, number) -> new StoredJob(row.getString("id"),
			row.getString("name"), row.getString("payload"), row.getString("progress"), row.getString("trace"),
			row.getInt("version"), row.getInt("attempts"), row.getInt("deaths"), dueNanos(row));

	private static final String COLUMNS = "id, name, payload, progress, trace, version, attempts, deaths";

	/**
	 * A job that was handed over is due as it was, and did not wait while it ran.
	 */
	private static final String WAITED = "case when picked_at is null or picked_at < due_at then %s - due_at end";

	private static final RowMapper<DurableJobInfo> INFO = (row, number) -> new DurableJobInfo(
			new JobId(row.getString("id")), row.getString("name"), row.getString("job_key"),
			DurableJobState.valueOf(row.getString("state")), row.getInt("attempts"), row.getInt("deaths"),
			Instant.ofEpochMilli(row.getLong("accepted_at")), Instant.ofEpochMilli(row.getLong("due_at")),
			instantOf(row, "picked_at"), row.getString("owner"), row.getString("error"));

	private static final String INFO_COLUMNS = "id, name, job_key, state, attempts, deaths, accepted_at, due_at,"
			+ " picked_at, owner, error";

	private final CommittingJdbcTemplate jdbc;

	private final TransactionTemplate transactions;

	private final Database database;

	/**
	 * Create a store.
	 * @param dataSource where the table is
	 * @param database the kind of database
	 */
	JdbcJobStore(DataSource dataSource, Database database) {
		this.jdbc = new CommittingJdbcTemplate(dataSource);
		this.transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
		this.database = database;
	}

	private static @Nullable Long dueNanos(ResultSet row) throws SQLException {
		long waited = row.getLong("waited");
		return row.wasNull() ? null : System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(waited);
	}

	private static @Nullable Instant instantOf(ResultSet row, String column) throws SQLException {
		long millis = row.getLong(column);
		return row.wasNull() ? null : Instant.ofEpochMilli(millis);
	}

	@Override
	public JobId insert(StoredJob job, @Nullable String key, Consumer<StoredJob> committed) {
		return insert(job, key, null,
				isInTransaction() ? () -> afterCommit(() -> committed.accept(job)) : () -> committed.accept(job));
	}

	@Override
	public JobId insertPicked(StoredJob job, @Nullable String key, String owner) {
		return insert(job, key, owner, () -> {
		});
	}

	// The statement finds out whether the key exists. A look before it would keep SQLite
	// from writing in a transaction in the middle of which another one has written
	private JobId insert(StoredJob job, @Nullable String key, @Nullable String owner, Runnable inserted) {
		try {
			if (this.jdbc.again(() -> this.jdbc.write((connection) -> insert(connection, job, key, owner))) == 0) {
				return findExisting(job.name(), key);
			}
		}
		catch (DuplicateKeyException ex) {
			return findExisting(job.name(), key);
		}
		inserted.run();
		return new JobId(job.id());
	}

	@Override
	public boolean isInTransaction() {
		return this.jdbc.isInTransaction();
	}

	private JobId findExisting(String name, @Nullable String key) {
		JobId id = (key != null) ? find(name, key) : null;
		// It has ended since: rare enough to let the caller try again
		Assert.state(id != null, () -> "Job '%s' with key '%s' ended while it was stored again".formatted(name, key));
		return id;
	}

	private @Nullable JobId find(String name, String key) {
		return this.jdbc
			.query("select id from durable_jobs where name = ? and job_key = ?" + this.database.newest(),
					(row, number) -> new JobId(row.getString("id")), name, key)
			.stream()
			.findFirst()
			.orElse(null);
	}

	private int insert(Connection connection, StoredJob job, @Nullable String key, @Nullable String owner)
			throws SQLException {
		String now = this.database.now();
		try (PreparedStatement statement = connection.prepareStatement(
				"insert into durable_jobs (id, name, job_key, payload, trace, version, owner, state, picked_at,"
						+ " accepted_at, due_at, attempts, deaths) values (?, ?, ?, ?, ?, ?, ?, %s, %s, %s, 0, 0)"
							.formatted((owner != null) ? "'RUNNING', " + now : "'QUEUED', null", now, now)
						+ ((key != null) ? this.database.unlessExists() : ""))) {
			statement.setString(1, job.id());
			statement.setString(2, job.name());
			statement.setString(3, key);
			statement.setString(4, job.payload());
			statement.setString(5, job.trace());
			statement.setInt(6, job.version());
			statement.setString(7, owner);
			return statement.executeUpdate();
		}
	}

	/**
	 * Call an action after the commit of the calling thread's transaction: before it, a
	 * look would find nothing. In {@code afterCommit} of that transaction, the commit of
	 * what is written there is still missing.
	 * @param action the action
	 */
	private void afterCommit(Runnable action) {
		if (!TransactionSynchronizationManager.isSynchronizationActive()) {
			return;
		}
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			private boolean committed;

			@Override
			public void afterCommit() {
				this.committed = true;
				action.run();
			}

			@Override
			public void afterCompletion(int status) {
				if (!this.committed && status == STATUS_COMMITTED) {
					JdbcJobStore.this.jdbc.commitBound();
					action.run();
				}
			}

		});
	}

	@Override
	public List<StoredJob> findDue(Collection<String> names, boolean suspects, int limit) {
		if (names.isEmpty()) {
			return List.of();
		}
		List<Object> arguments = new ArrayList<>(names);
		arguments.add(limit);
		String now = this.database.now();
		return this.jdbc.query(
				"select %s, %s as waited from durable_jobs where state = 'QUEUED' and due_at <= %s".formatted(COLUMNS,
						WAITED.formatted(now), now)
						+ (suspects ? "" : " and deaths < " + StoredJob.SUSPICIOUS_DEATHS)
						+ " and name in (%s) order by due_at limit ?".formatted(
								StringUtils.collectionToCommaDelimitedString(Collections.nCopies(names.size(), "?"))),
				JOB, arguments.toArray());
	}

	@Override
	public @Nullable StoredJob pick(StoredJob job, String owner) {
		int updated = this.jdbc.write(
				"update durable_jobs set state = 'RUNNING', owner = ?, picked_at = %s, version = version + 1"
					.formatted(this.database.now()) + " where id = ? and version = ? and state = 'QUEUED'",
				owner, job.id(), job.version());
		return (updated == 1) ? job.picked() : null;
	}

	@Override
	public boolean saveProgress(StoredJob job, String progress) {
		int updated = this.jdbc.write("update durable_jobs set progress = ? where id = ? and version = ?", progress,
				job.id(), job.version());
		return updated == 1 || isPicked(job);
	}

	// MariaDB may be told to count only rows that are not as they were
	private boolean isPicked(StoredJob job) {
		return !this.jdbc
			.queryForList("select id from durable_jobs where id = ? and version = ?" + this.database.newest(),
					String.class, job.id(), job.version())
			.isEmpty();
	}

	@Override
	public boolean[] remove(List<StoredJob> jobs) {
		List<Object[]> arguments = jobs.stream().map((job) -> new Object[] { job.id(), job.version() }).toList();
		int[] removed = this.jdbc.again(() -> this.transactions.execute(
				(status) -> this.jdbc.batchUpdate("delete from durable_jobs where id = ? and version = ?", arguments)));
		boolean[] result = new boolean[jobs.size()];
		for (int i = 0; i < result.length; i++) {
			result[i] = removed[i] != 0;
		}
		return result;
	}

	@Override
	public boolean handOver(StoredJob job) {
		return this.jdbc.write("update durable_jobs set state = 'QUEUED', owner = null, version = version + 1"
				+ " where id = ? and version = ?", job.id(), job.version()) == 1;
	}

	@Override
	public boolean retry(StoredJob job, long dueInMillis, String error) {
		return this.jdbc.write("update durable_jobs set state = 'QUEUED', owner = null, version = version + 1,"
				+ " attempts = attempts + 1, due_at = %s + ?, error = ? where id = ? and version = ?"
					.formatted(this.database.now()),
				dueInMillis, clean(error), job.id(), job.version()) == 1;
	}

	// Without its key, which must not keep new jobs away for ever
	@Override
	public boolean keep(StoredJob job, DurableJobState state, String error) {
		return this.jdbc.write(
				"update durable_jobs set state = ?, owner = null, version = version + 1,"
						+ " attempts = attempts + 1, job_key = null, error = ? where id = ? and version = ?",
				state.name(), clean(error), job.id(), job.version()) == 1;
	}

	@Override
	public List<StoredJob> findPicked(String owner) {
		return this.jdbc.query("select %s, null as waited from durable_jobs where owner = ?".formatted(COLUMNS), JOB,
				owner);
	}

	@Override
	public TakenOver takeOver(String owner, int mostDeaths) {
		return this.transactions.execute((status) -> {
			this.jdbc.write("delete from durable_instances where id = ?", owner);
			int dead = this.jdbc.write(
					"update durable_jobs set state = 'DEAD', owner = null, version = version + 1,"
							+ " deaths = deaths + 1, job_key = null, error = ? where owner = ? and deaths >= ?",
					"The process ended %d times while it ran the job".formatted(mostDeaths), owner, mostDeaths - 1);
			int due = this.jdbc.write("update durable_jobs set state = 'QUEUED', owner = null, version = version + 1,"
					+ " deaths = deaths + 1 where owner = ?", owner);
			return new TakenOver(due, dead);
		});
	}

	@Override
	public Optional<DurableJobInfo> find(JobId id) {
		return this.jdbc.query("select %s from durable_jobs where id = ?".formatted(INFO_COLUMNS), INFO, id.value())
			.stream()
			.findFirst();
	}

	@Override
	public List<DurableJobInfo> list(DurableJobState state, int limit) {
		return this.jdbc.query(
				"select %s from durable_jobs where state = ? order by due_at limit ?".formatted(INFO_COLUMNS), INFO,
				state.name(), limit);
	}

	// A job that is due already keeps its place. MariaDB reads columns that are already
	// set as they will be, so the state comes last
	@Override
	public boolean requeue(JobId id, Runnable committed) {
		String now = this.database.now();
		boolean requeued = this.jdbc.write(
				"update durable_jobs set due_at = case when state = 'QUEUED' and due_at < %s then due_at else %s end,"
					.formatted(now, now) + " attempts = 0, deaths = 0, version = version + 1, state = 'QUEUED'"
						+ " where id = ? and state <> 'RUNNING'",
				id.value()) == 1;
		if (requeued && this.jdbc.isInTransaction()) {
			afterCommit(committed);
		}
		else if (requeued) {
			committed.run();
		}
		return requeued;
	}

	@Override
	public boolean discard(JobId id) {
		return this.jdbc.write("delete from durable_jobs where id = ? and state <> 'RUNNING'", id.value()) == 1;
	}

	@Override
	public void checkWritable() {
		this.jdbc.write("update durable_jobs set version = version where 1 = 0");
	}

	@Override
	public List<JobCount> count() {
		return this.jdbc.query(
				"select name, state, count(*) as jobs, %s - min(due_at) as waited from durable_jobs group by name, state"
					.formatted(this.database.now()),
				(row, number) -> new JobCount(row.getString("name"), DurableJobState.valueOf(row.getString("state")),
						row.getLong("jobs"), row.getLong("waited")));
	}

	// PostgreSQL refuses the character 0
	private static String clean(String error) {
		String cut = (error.length() > MAX_ERROR_LENGTH) ? error.substring(0, MAX_ERROR_LENGTH) : error;
		return cut.replace('\0', ' ');
	}

}
