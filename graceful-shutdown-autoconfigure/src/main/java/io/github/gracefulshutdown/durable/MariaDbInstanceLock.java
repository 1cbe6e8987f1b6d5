package io.github.gracefulshutdown.durable;

import java.util.List;

import javax.sql.DataSource;

/**
 * {@link InstanceLock} by a lock of a session of MariaDB or MySQL. Its name belongs to
 * the whole server, so keys are random.
 *
 * @author The Graceful Shutdown authors
 */
final class MariaDbInstanceLock extends SessionInstanceLock {

	private static final String NAME = "concat('durable-jobs-', ?)";

	/**
	 * Create a lock.
	 * @param instance the name of this instance
	 * @param dataSource the database, of which one connection is kept
	 */
	MariaDbInstanceLock(String instance, DataSource dataSource) {
		super(instance, dataSource, Database.MARIADB);
	}

	// A machine that is cut off would be noticed after hours, and the server has no
	// keep-alive that a session could set. An instance that stands still for so long
	// loses its lock too
	@Override
	List<String> beginSession() {
		return List.of("set @durable_jobs_timeout = @@session.wait_timeout", "set session wait_timeout = 60");
	}

	@Override
	List<String> endSession() {
		return List.of("do release_all_locks()", "set session wait_timeout = @durable_jobs_timeout");
	}

	@Override
	String tryLock() {
		return "select get_lock(%s, 0)".formatted(NAME);
	}

	// Nobody else takes it: the row of the instance is locked
	@Override
	String isFree() {
		return "select is_free_lock(%s)".formatted(NAME);
	}

	@Override
	String orUpdate() {
		return " on duplicate key update seen_at = values(seen_at), lock_key = values(lock_key)";
	}

	@Override
	String unlessExists() {
		return " on duplicate key update id = id";
	}

	@Override
	String uptime() {
		return "show global status like 'Uptime'";
	}

}
