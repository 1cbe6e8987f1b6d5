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

	private static final String SCRIPT = "schema.sql";

	private DurableSchema() {
	}

	/**
	 * Create the tables, unless they exist.
	 * @param dataSource where they shall be
	 */
	static void create(DataSource dataSource) {
		try {
			run(dataSource);
		}
		catch (ScriptException ex) {
			// Two instances that start at once may both begin to create a table
			run(dataSource);
		}
	}

	private static void run(DataSource dataSource) {
		DatabasePopulatorUtils
			.execute(new ResourceDatabasePopulator(new ClassPathResource(SCRIPT, DurableSchema.class)), dataSource);
	}

	/**
	 * Ensure that the tables exist.
	 * @param dataSource where they should be
	 * @throws InvalidDurableJobException if they do not
	 */
	static void check(DataSource dataSource) {
		try {
			JdbcTemplate jdbc = new JdbcTemplate(dataSource);
			jdbc.execute("select id, progress, trace, picked_at, deaths from durable_jobs where 1 = 0");
			jdbc.execute("select id from durable_instances where 1 = 0");
		}
		catch (DataAccessException ex) {
			InvalidDurableJobException failure = new InvalidDurableJobException(
					"The tables of durable jobs cannot be read: %s.".formatted(ex.getMessage()),
					"Create them with %s of graceful-shutdown-autoconfigure, or set graceful-shutdown.durable.initialize-schema=always."
						.formatted(new ClassPathResource(SCRIPT, DurableSchema.class).getPath()));
			failure.initCause(ex);
			throw failure;
		}
	}

}
