package io.github.gracefulshutdown.durable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/**
 * {@link InstanceLock} by an advisory lock of PostgreSQL, which the database releases
 * when the process ends. It is also lost when only its connection breaks, so an instance
 * is dead only if it has also been silent for a while, by the clock of the database.
 *
 * @author The Graceful Shutdown authors
 */
final class PostgreSqlInstanceLock implements InstanceLock {

	private static final long SILENT_MILLIS = 3000;

	/**
	 * After a restart of the database, all instances have been silent.
	 */
	private static final String RESTARTED = "10 seconds";

	private static final List<String> KEEP_ALIVE = List.of("tcp_keepalives_idle = 10", "tcp_keepalives_interval = 3",
			"tcp_keepalives_count = 3");

	private static final int TIMEOUT_MILLIS = 2000;

	private static final String NOW = "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)";

	private final String instance;

	private final DataSource dataSource;

	private volatile @Nullable Connection connection;

	/**
	 * Create a lock.
	 * @param instance the identifier of this instance
	 * @param dataSource the database, of which one connection is kept
	 */
	PostgreSqlInstanceLock(String instance, DataSource dataSource) {
		this.instance = instance;
		this.dataSource = dataSource;
	}

	@Override
	public void acquire() throws SQLException {
		close();
		// A session that the database has not yet given up may hold the former lock
		long key = ThreadLocalRandom.current().nextLong();
		Connection connection = this.dataSource.getConnection();
		try {
			connection.setAutoCommit(true);
			connection.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
			// A machine that is cut off would be noticed after hours
			for (String setting : KEEP_ALIVE) {
				update(connection, "set " + setting);
			}
			if (!tryLock(connection, key)) {
				throw new SQLException("The new lock of this instance is taken");
			}
			update(connection, "insert into durable_instances (id, lock_key, seen_at) values (?, ?, %s)".formatted(NOW)
					+ " on conflict (id) do update set seen_at = excluded.seen_at, lock_key = excluded.lock_key",
					this.instance, key);
			this.connection = connection;
		}
		catch (SQLException ex) {
			discard(connection);
			throw ex;
		}
	}

	private Connection connection() throws SQLException {
		Connection connection = this.connection;
		if (connection == null) {
			throw new SQLException("The lock of this instance is released");
		}
		return connection;
	}

	private static boolean tryLock(Connection connection, long key) throws SQLException {
		return queryBoolean(connection, "select pg_try_advisory_lock(?)", key);
	}

	private static boolean queryBoolean(Connection connection, String sql, Object argument) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.setObject(1, argument);
			try (ResultSet row = statement.executeQuery()) {
				return row.next() && row.getBoolean(1);
			}
		}
	}

	private static int update(Connection connection, String sql, Object... arguments) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int i = 0; i < arguments.length; i++) {
				statement.setObject(i + 1, arguments[i]);
			}
			return statement.executeUpdate();
		}
	}

	@Override
	public boolean beat() throws SQLException {
		return update(connection(), "update durable_instances set seen_at = %s where id = ?".formatted(NOW),
				this.instance) == 1;
	}

	@Override
	public List<String> findSilent() throws SQLException {
		List<String> silent = new ArrayList<>();
		try (PreparedStatement statement = connection().prepareStatement(
				"select id from durable_instances where id <> ? and seen_at < %s - %d".formatted(NOW, SILENT_MILLIS)
						+ " and pg_postmaster_start_time() < clock_timestamp() - interval '%s'".formatted(RESTARTED))) {
			statement.setString(1, this.instance);
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					silent.add(row.getString(1));
				}
			}
		}
		return silent;
	}

	// The lock of the dead one is held meanwhile, so that only one takes over, and one
	// that is not dead does not come back in the middle of it
	@Override
	public boolean ifDead(String instance, Runnable takeOver) throws SQLException {
		Connection connection = connection();
		Long key = findKey(connection, instance);
		if (key == null || !tryLock(connection, key)) {
			return false;
		}
		try {
			boolean silent = queryBoolean(connection,
					"select seen_at < %s - %d from durable_instances where id = ?".formatted(NOW, SILENT_MILLIS),
					instance);
			if (silent) {
				takeOver.run();
				update(connection, "delete from durable_instances where id = ?", instance);
			}
			return silent;
		}
		finally {
			queryBoolean(connection, "select pg_advisory_unlock(?)", key);
		}
	}

	private static @Nullable Long findKey(Connection connection, String instance) throws SQLException {
		try (PreparedStatement statement = connection
			.prepareStatement("select lock_key from durable_instances where id = ?")) {
			statement.setString(1, instance);
			try (ResultSet row = statement.executeQuery()) {
				return row.next() ? row.getLong(1) : null;
			}
		}
	}

	@Override
	public void leave(boolean forget) {
		try {
			if (forget) {
				update(connection(), "delete from durable_instances where id = ?", this.instance);
				close();
			}
		}
		catch (SQLException ex) {
			// Others find that there is nothing to take over
		}
	}

	@Override
	public void close() {
		Connection connection = this.connection;
		this.connection = null;
		if (connection != null) {
			discard(connection);
		}
	}

	// The pool must not give a connection with a lock to others
	private static void discard(Connection connection) {
		try (connection) {
			try {
				queryBoolean(connection, "select true from pg_advisory_unlock_all() where ?", true);
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
