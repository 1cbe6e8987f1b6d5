package io.github.gracefulshutdown.durable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * {@link JdbcTemplate} whose writes are committed if there is no transaction, also with
 * connections that do not commit by themselves, as some applications with JPA want it.
 *
 * @author The Graceful Shutdown authors
 */
final class CommittingJdbcTemplate extends JdbcTemplate {

	private static final int ATTEMPTS = 3;

	private final DataSource dataSource;

	CommittingJdbcTemplate(DataSource dataSource) {
		super(dataSource);
		this.dataSource = dataSource;
	}

	/**
	 * Write, and commit that unless a transaction does.
	 * @param sql the statement
	 * @param arguments its arguments
	 * @return the number of rows
	 */
	int write(String sql, Object... arguments) {
		Integer updated = execute((ConnectionCallback<Integer>) (connection) -> {
			try (PreparedStatement statement = connection.prepareStatement(sql)) {
				newArgPreparedStatementSetter(arguments).setValues(statement);
				int count = statement.executeUpdate();
				commit(connection);
				return count;
			}
		});
		return (updated != null) ? updated : 0;
	}

	/**
	 * Write, and do so again if the database ended that because of a deadlock. A
	 * transaction of the caller is lost then, and the caller must know.
	 * @param <T> the type of the result
	 * @param action writes
	 * @return its result
	 */
	<T> T again(Supplier<T> action) {
		for (int attempt = 1;; attempt++) {
			try {
				return action.get();
			}
			catch (PessimisticLockingFailureException ex) {
				if (attempt == ATTEMPTS || TransactionSynchronizationManager.hasResource(this.dataSource)) {
					throw ex;
				}
			}
		}
	}

	/**
	 * Commit what the calling thread has written, unless a transaction does.
	 * @param connection its connection
	 * @return whether it is committed
	 * @throws SQLException if the commit fails
	 */
	boolean commit(Connection connection) throws SQLException {
		if (connection.getAutoCommit()) {
			return true;
		}
		if (TransactionSynchronizationManager.hasResource(this.dataSource)) {
			return false;
		}
		connection.commit();
		return true;
	}

}
