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
		return write((connection) -> {
			try (PreparedStatement statement = connection.prepareStatement(sql)) {
				newArgPreparedStatementSetter(arguments).setValues(statement);
				return statement.executeUpdate();
			}
		});
	}

	/**
	 * Write, and commit that unless a transaction does.
	 * @param action writes
	 * @return the number of rows
	 */
	int write(ConnectionCallback<Integer> action) {
		Integer updated = isInTransaction() ? execute(action) : writeAndCommit(action);
		return (updated != null) ? updated : 0;
	}

	// Not the connection that is bound to the thread, which nobody may commit
	private int writeAndCommit(ConnectionCallback<Integer> action) {
		try (Connection connection = this.dataSource.getConnection()) {
			Integer updated = action.doInConnection(connection);
			if (!connection.getAutoCommit()) {
				connection.commit();
			}
			return (updated != null) ? updated : 0;
		}
		catch (SQLException ex) {
			throw translateException("Writing durable jobs", null, ex);
		}
	}

	/**
	 * Return whether the calling thread is in a transaction of this database. A
	 * connection can also be bound without one, by a transaction of another database, or
	 * because a transaction has just ended.
	 * @return whether its commit or rollback is to come
	 */
	boolean isInTransaction() {
		return TransactionSynchronizationManager.hasResource(this.dataSource) && TransactionSynchronizationManager
			.isActualTransactionActive() == TransactionSynchronizationManager.isSynchronizationActive();
	}

	/**
	 * Commit what the calling thread has written after the commit of its transaction.
	 */
	void commitBound() {
		execute((ConnectionCallback<Boolean>) (connection) -> {
			if (!connection.getAutoCommit()) {
				connection.commit();
			}
			return true;
		});
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
				if (attempt == ATTEMPTS || isInTransaction()) {
					throw ex;
				}
			}
		}
	}

}
