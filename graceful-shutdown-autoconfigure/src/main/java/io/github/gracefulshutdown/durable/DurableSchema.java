package io.github.gracefulshutdown.durable;

import javax.sql.DataSource;

import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.DatabasePopulatorUtils;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.datasource.init.ScriptException;

/**
 * The tables of durable jobs.
 *
 * @author The Graceful Shutdown authors
 */
final class DurableSchema {

	private static final int MOST_COLLISIONS = 5;

	private DurableSchema() {
	}

	/**
	 * Create the tables, unless they exist. Even a statement that only would create them
	 * if they did not exist waits in PostgreSQL for all transactions that have stored
	 * jobs.
	 * @param dataSource where they shall be
	 * @param database the kind of database
	 */
	static void create(DataSource dataSource, Database database) {
		if (exist(dataSource)) {
			return;
		}
		for (int collisions = 0; true; collisions++) {
			try {
				run(dataSource, database);
				return;
			}
			catch (ScriptException ex) {
				// Instances that start at once may begin to create the same table or
				// index, once for each of them
				if (collisions == MOST_COLLISIONS) {
					throw ex;
				}
			}
		}
	}

	private static boolean exist(DataSource dataSource) {
		try {
			select(new JdbcTemplate(dataSource));
			return true;
		}
		catch (DataAccessException ex) {
			return false;
		}
	}

	private static void select(JdbcTemplate jdbc) {
		jdbc.execute("select id, progress, trace, picked_at, deaths from durable_jobs where 1 = 0");
		jdbc.execute("select id from durable_instances where 1 = 0");
	}

	private static void run(DataSource dataSource, Database database) {
		DatabasePopulatorUtils.execute(new ResourceDatabasePopulator(script(database)), dataSource);
	}

	private static ClassPathResource script(Database database) {
		return new ClassPathResource(database.script(), DurableSchema.class);
	}

	/**
	 * Ensure that the tables exist, and that the database has the locks that are needed.
	 * @param dataSource where they should be
	 * @param database the kind of database
	 * @throws InvalidDurableJobException if that is not so
	 */
	static void check(DataSource dataSource, Database database) {
		JdbcTemplate jdbc = new JdbcTemplate(dataSource);
		try {
			select(jdbc);
		}
		catch (DataAccessException ex) {
			throw failure(ex, "The tables of durable jobs cannot be read: %s.".formatted(ex.getMessage()),
					"Create them with %s of graceful-shutdown-autoconfigure, or set graceful-shutdown.durable.initialize-schema=always."
						.formatted(script(database).getPath()));
		}
		if (database.isEmbedded()) {
			return;
		}
		try {
			jdbc.execute("select id from durable_instances where 1 = 0 for update skip locked");
		}
		catch (DataAccessException ex) {
			throw failure(ex,
					"The database is too old for durable jobs, or does not let them lock rows: %s."
						.formatted(ex.getMessage()),
					"Use MariaDB 10.6, MySQL 8 or PostgreSQL 9.5, or a later version of them.");
		}
	}

	private static InvalidDurableJobException failure(DataAccessException cause, String description, String action) {
		InvalidDurableJobException failure = new InvalidDurableJobException(description, action);
		failure.initCause(cause);
		return failure;
	}

}
