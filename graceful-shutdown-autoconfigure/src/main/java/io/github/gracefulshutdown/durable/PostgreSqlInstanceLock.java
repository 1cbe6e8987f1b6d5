package io.github.gracefulshutdown.durable;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * {@link InstanceLock} by an advisory lock of PostgreSQL, which the database releases
 * when the process ends. It is also lost when only its connection breaks, so an instance
 * is dead only if it has also been silent for a while, by the clock of the database. Its
 * session also hears announcements, by {@code LISTEN}.
 *
 * @author The Graceful Shutdown authors
 */
final class PostgreSqlInstanceLock implements InstanceLock {

	static final long SILENT_MILLIS = 3000;

	private static final Log logger = LogFactory.getLog(PostgreSqlInstanceLock.class);

	/**
	 * One for all applications of a database: an announcement that means another one
	 * costs a look.
	 */
	private static final String CHANNEL = "graceful_shutdown_durable";

	private static final String SILENT = "seen_at < %s - %d".formatted(Database.POSTGRESQL.now(), SILENT_MILLIS);

	/**
	 * After a restart of the database, all instances have been silent.
	 */
	private static final String RESTARTED = "10 seconds";

	// A machine that is cut off would be noticed after hours. A beat must not wait for
	// the disk
	private static final List<String> SETTINGS = List.of("tcp_keepalives_idle = 10", "tcp_keepalives_interval = 3",
			"tcp_keepalives_count = 3", "synchronous_commit = off");

	private static final int TIMEOUT_MILLIS = 2000;

	private final String instance;

	private final DataSource dataSource;

	private final CommittingJdbcTemplate jdbc;

	private final TransactionTemplate transactions;

	private @Nullable Connection connection;

	private @Nullable Notifications notifications;

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
	 */
	PostgreSqlInstanceLock(String instance, DataSource dataSource) {
		this.instance = instance;
		this.dataSource = dataSource;
		this.jdbc = new CommittingJdbcTemplate(dataSource);
		this.transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
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
		for (String setting : SETTINGS) {
			update("set " + setting);
		}
		if (!lock(connection, key)) {
			throw new SQLException("The new lock of this instance is taken");
		}
		this.notifications = Notifications.of(connection);
		boolean listed = this.acquired
				&& update("update durable_instances set lock_key = ?, seen_at = %s".formatted(Database.POSTGRESQL.now())
						+ " where id = ? and lock_key = ?", key, this.instance, this.key) == 1;
		if (!listed) {
			update("insert into durable_instances (id, lock_key, seen_at) values (?, ?, %s)"
				.formatted(Database.POSTGRESQL.now()) + " on conflict (id) do update set seen_at = excluded.seen_at,"
					+ " lock_key = excluded.lock_key", this.instance, key);
		}
		boolean first = !this.acquired;
		this.acquired = true;
		this.key = key;
		return first || listed;
	}

	private static long newKey() {
		return ThreadLocalRandom.current().nextLong();
	}

	private static boolean lock(Connection connection, long key) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("select pg_try_advisory_lock(?)")) {
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
		return update("update durable_instances set seen_at = %s where id = ? and lock_key = ?"
			.formatted(Database.POSTGRESQL.now()), this.instance, this.key) == 1 || acquire();
	}

	@Override
	public void announce() {
		this.jdbc.write("notify " + CHANNEL);
	}

	@Override
	public void listen(long millis, BooleanSupplier announced) throws SQLException {
		Notifications notifications = this.notifications;
		if (notifications == null) {
			return;
		}
		long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
		long left = Math.max(1, millis);
		do {
			if (notifications.await((int) left) && !announced.getAsBoolean()) {
				return;
			}
			left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
		}
		while (left > 0);
	}

	// One that is not listed is listed now, and dead if it stays silent
	@Override
	public List<String> findSilent() {
		this.jdbc
			.queryForList("select distinct owner from durable_jobs where owner is not null and owner <> ?"
					+ " and owner not in (select id from durable_instances)", String.class, this.instance)
			.forEach((owner) -> this.jdbc
				.write("insert into durable_instances (id, lock_key, seen_at) values (?, ?, %s) on conflict do nothing"
					.formatted(Database.POSTGRESQL.now()), owner, newKey()));
		return this.jdbc.queryForList(
				"select id from durable_instances where id <> ? and %s".formatted(SILENT)
						+ " and pg_postmaster_start_time() < clock_timestamp() - interval '%s'".formatted(RESTARTED),
				String.class, this.instance);
	}

	// The row is locked, so that only one takes over, and so that the dead one cannot
	// come back before its jobs belong to others
	@Override
	public Optional<JobStore.TakenOver> ifDead(String instance, Supplier<JobStore.TakenOver> takeOver) {
		return this.transactions.execute((status) -> isDead(instance) ? Optional.of(takeOver.get()) : Optional.empty());
	}

	private boolean isDead(String instance) {
		List<Long> keys = this.jdbc.queryForList(
				"select lock_key from durable_instances where id = ? and %s for update skip locked".formatted(SILENT),
				Long.class, instance);
		return !keys.isEmpty() && Boolean.TRUE
			.equals(this.jdbc.queryForObject("select pg_try_advisory_xact_lock(?)", Boolean.class, keys.get(0)));
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
		this.notifications = null;
		if (released == null) {
			return;
		}
		try (Connection connection = released; Statement statement = connection.createStatement()) {
			try {
				statement.execute("select pg_advisory_unlock_all()");
				statement.execute("unlisten " + CHANNEL);
				statement.execute("reset synchronous_commit");
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

	/**
	 * By reflection: not every application has the driver on the classpath, and its types
	 * do not compile without those of another library.
	 */
	private static final class Notifications {

		private final Object session;

		private final Method receive;

		private Notifications(Object session, Method receive) {
			this.session = session;
			this.receive = receive;
		}

		/**
		 * Listen, if the driver and the database can. If not, this instance looks for
		 * jobs.
		 * @param connection the session
		 * @return its notifications, or {@code null}
		 */
		static @Nullable Notifications of(Connection connection) {
			try (Statement statement = connection.createStatement()) {
				Class<?> driver = Class.forName("org.postgresql.PGConnection");
				Object session = connection.unwrap(driver);
				Method receive = driver.getMethod("getNotifications", int.class);
				statement.execute("listen " + CHANNEL);
				return new Notifications(session, receive);
			}
			catch (SQLException | ReflectiveOperationException ex) {
				logger.debug("Announcements of other instances are not heard", ex);
				return null;
			}
		}

		/**
		 * Wait for a notification.
		 * @param millis how long to wait, 1 or more
		 * @return whether one has come
		 * @throws SQLException if the connection is broken
		 */
		boolean await(int millis) throws SQLException {
			try {
				Object[] received = (Object[]) this.receive.invoke(this.session, millis);
				return received != null && received.length > 0;
			}
			catch (ReflectiveOperationException ex) {
				throw new SQLException("Notifications cannot be received", ex);
			}
		}

	}

}
