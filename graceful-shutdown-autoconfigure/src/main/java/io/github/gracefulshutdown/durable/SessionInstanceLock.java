package io.github.gracefulshutdown.durable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * {@link InstanceLock} by a lock of a session, which the database releases when the
 * process ends. It is also lost when only its connection breaks, so an instance is dead
 * only if it has also been silent for a while, by the clock of the database.
 *
 * @author The Graceful Shutdown authors
 */
abstract class SessionInstanceLock implements InstanceLock {

	static final long SILENT_MILLIS = 3000;

	/**
	 * After a restart of the database, all instances have been silent.
	 */
	private static final long RESTARTED_SECONDS = 10;

	private static final int TIMEOUT_MILLIS = 2000;

	/**
	 * PostgreSQL does not know at first that hardly any job has an owner, and would read
	 * the table.
	 */
	static final String UNLISTED = "select distinct owner from durable_jobs where owner > '' and owner <> ?"
			+ " and owner not in (select id from durable_instances)";

	private final String instance;

	private final DataSource dataSource;

	private final String now;

	private final String silent;

	private final CommittingJdbcTemplate jdbc;

	private final TransactionTemplate transactions;

	private @Nullable Connection connection;

	private int timeout;

	/**
	 * A session that the database has not yet given up may hold the former key.
	 */
	private long key;

	private boolean acquired;

	/**
	 * Create a lock.
	 * @param instance the name of this instance
	 * @param dataSource the database, of which one connection is kept
	 * @param database the kind of database
	 */
	SessionInstanceLock(String instance, DataSource dataSource, Database database) {
		this.instance = instance;
		this.dataSource = dataSource;
		this.now = database.now();
		this.silent = "seen_at < %s - %d".formatted(this.now, SILENT_MILLIS);
		this.jdbc = new CommittingJdbcTemplate(dataSource);
		this.transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
	}

	/**
	 * Return the statements that prepare the session.
	 * @return the statements
	 */
	abstract List<String> beginSession();

	/**
	 * Return the statements that release the locks of the session, and make it like any
	 * other.
	 * @return the statements
	 */
	abstract List<String> endSession();

	/**
	 * Return the query that takes a lock for the session, without waiting.
	 * @return a query with the key as parameter, whose answer is whether it was free
	 */
	abstract String tryLock();

	/**
	 * Return the query that finds out whether a lock is free.
	 * @return a query with the key as parameter
	 */
	abstract String isFree();

	/**
	 * Return the end of an INSERT that writes the row also if it exists.
	 * @return the end of the statement
	 */
	abstract String orUpdate();

	/**
	 * Return the end of an INSERT that leaves the row alone if it exists.
	 * @return the end of the statement
	 */
	abstract String unlessExists();

	/**
	 * Return the query for the time since the start of the database.
	 * @return a query for the seconds, in its column {@code value}
	 */
	abstract String uptime();

	/**
	 * A session has begun, and has the lock of this instance.
	 * @param connection the session
	 */
	void sessionBegun(Connection connection) {
	}

	final CommittingJdbcTemplate jdbc() {
		return this.jdbc;
	}

	@Override
	public boolean acquire() throws SQLException {
		release();
		long key = newKey();
		Connection connection = this.dataSource.getConnection();
		this.connection = connection;
		connection.setAutoCommit(true);
		this.timeout = connection.getNetworkTimeout();
		connection.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
		for (String statement : beginSession()) {
			update(statement);
		}
		if (!lock(connection, key)) {
			throw new SQLException("The new lock of this instance is taken");
		}
		sessionBegun(connection);
		boolean listed = this.acquired
				&& update("update durable_instances set lock_key = ?, seen_at = %s where id = ? and lock_key = ?"
					.formatted(this.now), key, this.instance, this.key) == 1;
		if (!listed) {
			update("insert into durable_instances (id, lock_key, seen_at) values (?, ?, %s)".formatted(this.now)
					+ orUpdate(), this.instance, key);
		}
		boolean first = !this.acquired;
		this.acquired = true;
		this.key = key;
		return first || listed;
	}

	private static long newKey() {
		return ThreadLocalRandom.current().nextLong();
	}

	private boolean lock(Connection connection, long key) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(tryLock())) {
			statement.setLong(1, key);
			try (ResultSet row = statement.executeQuery()) {
				return row.next() && row.getBoolean(1);
			}
		}
	}

	private int update(String sql, Object... arguments) throws SQLException {
		Connection connection = this.connection;
		if (connection == null) {
			throw new SQLException("The lock of this instance is released");
		}
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int i = 0; i < arguments.length; i++) {
				statement.setObject(i + 1, arguments[i]);
			}
			return statement.executeUpdate();
		}
	}

	@Override
	public boolean beat() throws SQLException {
		return update("update durable_instances set seen_at = %s where id = ? and lock_key = ?".formatted(this.now),
				this.instance, this.key) == 1 || acquire();
	}

	// One that is not listed is listed now, and dead if it stays silent
	@Override
	public List<String> findSilent() {
		this.jdbc.queryForList(UNLISTED, String.class, this.instance)
			.forEach((owner) -> this.jdbc
				.write("insert into durable_instances (id, lock_key, seen_at) values (?, ?, %s)".formatted(this.now)
						+ unlessExists(), owner, newKey()));
		List<String> instances = this.jdbc.queryForList(
				"select id from durable_instances where id <> ? and %s".formatted(this.silent), String.class,
				this.instance);
		return (instances.isEmpty() || hasRestarted()) ? List.of() : instances;
	}

	private boolean hasRestarted() {
		return this.jdbc.query(uptime(), (row, number) -> row.getLong("value"))
			.stream()
			.anyMatch((seconds) -> seconds < RESTARTED_SECONDS);
	}

	// The row is locked, so that only one takes over, and so that the dead one cannot
	// come back before its jobs belong to others
	@Override
	public Optional<JobStore.TakenOver> ifDead(String instance, Supplier<JobStore.TakenOver> takeOver) {
		return this.transactions.execute((status) -> isDead(instance) ? Optional.of(takeOver.get()) : Optional.empty());
	}

	private boolean isDead(String instance) {
		List<Long> keys = this.jdbc
			.queryForList("select lock_key from durable_instances where id = ? and %s for update skip locked"
				.formatted(this.silent), Long.class, instance);
		return !keys.isEmpty() && Boolean.TRUE.equals(this.jdbc.queryForObject(isFree(), Boolean.class, keys.get(0)));
	}

	@Override
	public void leave() throws SQLException {
		update("delete from durable_instances where id = ?", this.instance);
		release();
	}

	// The pool must not give a connection with a lock to others
	private void release() {
		Connection released = this.connection;
		this.connection = null;
		if (released == null) {
			return;
		}
		try (Connection connection = released; Statement statement = connection.createStatement()) {
			try {
				for (String sql : endSession()) {
					statement.execute(sql);
				}
				connection.setNetworkTimeout(Runnable::run, this.timeout);
			}
			catch (SQLException ex) {
				connection.abort(Runnable::run);
			}
		}
		catch (SQLException ex) {
			// It is broken already
		}
	}

}
