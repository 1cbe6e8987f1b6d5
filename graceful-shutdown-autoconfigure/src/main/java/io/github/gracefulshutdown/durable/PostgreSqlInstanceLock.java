package io.github.gracefulshutdown.durable;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * {@link InstanceLock} by an advisory lock of PostgreSQL. Its session also hears
 * announcements, by {@code LISTEN}.
 *
 * @author The Graceful Shutdown authors
 */
final class PostgreSqlInstanceLock extends SessionInstanceLock {

	private static final Log logger = LogFactory.getLog(PostgreSqlInstanceLock.class);

	/**
	 * One for all applications of a database: an announcement that means another one
	 * costs a look.
	 */
	private static final String CHANNEL = "graceful_shutdown_durable";

	private @Nullable Notifications notifications;

	/**
	 * Create a lock.
	 * @param instance the name of this instance
	 * @param dataSource the database, of which one connection is kept
	 */
	PostgreSqlInstanceLock(String instance, DataSource dataSource) {
		super(instance, dataSource, Database.POSTGRESQL);
	}

	// A machine that is cut off would be noticed after hours. A beat must not wait for
	// the disk
	@Override
	List<String> beginSession() {
		return List.of("set tcp_keepalives_idle = 10", "set tcp_keepalives_interval = 3",
				"set tcp_keepalives_count = 3", "set synchronous_commit = off");
	}

	@Override
	List<String> endSession() {
		return List.of("select pg_advisory_unlock_all()", "unlisten " + CHANNEL, "reset synchronous_commit");
	}

	@Override
	String tryLock() {
		return "select pg_try_advisory_lock(?)";
	}

	@Override
	String isFree() {
		return "select pg_try_advisory_xact_lock(?)";
	}

	@Override
	String orUpdate() {
		return " on conflict (id) do update set seen_at = excluded.seen_at, lock_key = excluded.lock_key";
	}

	@Override
	String unlessExists() {
		return Database.POSTGRESQL.unlessExists();
	}

	@Override
	String uptime() {
		return "select extract(epoch from clock_timestamp() - pg_postmaster_start_time()) as value";
	}

	@Override
	void sessionBegun(Connection connection) {
		this.notifications = Notifications.of(connection);
	}

	@Override
	public void announce() {
		jdbc().write("notify " + CHANNEL);
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
