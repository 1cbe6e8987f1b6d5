package io.github.gracefulshutdown.durable;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DataSourceUtils;

/**
 * The kinds of databases that can keep durable jobs.
 *
 * @author The Graceful Shutdown authors
 */
enum Database {

	POSTGRESQL("PostgreSQL", "jdbc:postgresql:", false, " on conflict do nothing") {

		// That of the statement: an index cannot be used with a clock that goes on
		@Override
		String now() {
			return "cast(extract(epoch from statement_timestamp()) * 1000 as bigint)";
		}

	},

	/**
	 * MySQL too: both know all statements.
	 */
	MARIADB("MariaDB, MySQL", "jdbc:mariadb:", false, "") {

		@Override
		boolean matches(String url) {
			return super.matches(url) || url.startsWith("jdbc:mysql:");
		}

		// In UTC: local times come twice when the summer ends
		@Override
		String now() {
			return "timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000";
		}

		// Otherwise a transaction sees what was there when it began
		@Override
		String newest() {
			return " lock in share mode";
		}

		@Override
		String script() {
			return "schema-mariadb.sql";
		}

	},

	/**
	 * In memory, each connection would have a database of its own.
	 */
	SQLITE("SQLite in a file", "jdbc:sqlite:", true, " on conflict do nothing") {

		@Override
		boolean matches(String url) {
			return super.matches(url) && !url.equals("jdbc:sqlite:") && !url.contains(":memory:");
		}

	},

	/**
	 * For tests. Its files are closed by an interrupt, and lose commits at SIGKILL.
	 */
	H2("H2 in memory", "jdbc:h2:mem:", true, "");

	private final String displayName;

	private final String url;

	private final boolean embedded;

	private final String unlessExists;

	Database(String displayName, String url, boolean embedded, String unlessExists) {
		this.displayName = displayName;
		this.url = url;
		this.embedded = embedded;
		this.unlessExists = unlessExists;
	}

	/**
	 * Return the end of an INSERT that must not fail if the row exists: in PostgreSQL
	 * that would abort the transaction of the caller.
	 * @return the end of the statement, empty if the INSERT may fail
	 */
	String unlessExists() {
		return this.unlessExists;
	}

	/**
	 * Return the end of a query for rows as they are now, also in a transaction that has
	 * begun before.
	 * @return the end of the query
	 */
	String newest() {
		return "";
	}

	/**
	 * Return the time of day, by a clock that all instances share: that of the database,
	 * or that of the only machine.
	 * @return an expression for the milliseconds since 1970
	 */
	String now() {
		return String.valueOf(System.currentTimeMillis());
	}

	/**
	 * Return whether a database is of this kind.
	 * @param url its URL
	 * @return whether it can keep durable jobs
	 */
	boolean matches(String url) {
		return url.startsWith(this.url);
	}

	/**
	 * Return whether the tables are created without being asked for it.
	 * @return whether the database belongs to this process or machine only
	 */
	boolean isEmbedded() {
		return this.embedded;
	}

	/**
	 * Return the script that creates the tables.
	 * @return its name in this package
	 */
	String script() {
		return "schema.sql";
	}

	/**
	 * Find out the kind of a database.
	 * @param dataSource where the jobs shall be kept
	 * @return the kind
	 * @throws InvalidDurableJobException if it cannot keep durable jobs
	 */
	static Connected connect(DataSource dataSource) {
		Connection connection = DataSourceUtils.getConnection(dataSource);
		try {
			DatabaseMetaData metaData = connection.getMetaData();
			String url = String.valueOf(metaData.getURL());
			return Arrays.stream(values())
				.filter((database) -> database.matches(url))
				.findFirst()
				.map((database) -> new Connected(database, url))
				.orElseThrow(() -> unsupported(metaData, url));
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The database of the durable jobs does not describe itself", ex);
		}
		finally {
			DataSourceUtils.releaseConnection(connection, dataSource);
		}
	}

	private static InvalidDurableJobException unsupported(DatabaseMetaData metaData, String url) {
		String product;
		try {
			product = metaData.getDatabaseProductName();
		}
		catch (SQLException ex) {
			product = "an unknown database";
		}
		String kind = url.replaceFirst("^(jdbc:\\w+(:(file|mem|tcp|ssl|res))?:).*", "$1...");
		return new InvalidDurableJobException(
				"Durable jobs cannot be kept in the database of the application's DataSource: %s (%s)."
					.formatted(product, kind),
				"Use one of %s, or set graceful-shutdown.durable.file to keep the jobs in a file of their own."
					.formatted(Arrays.stream(values())
						.map((database) -> database.displayName)
						.collect(Collectors.joining(", "))));
	}

	/**
	 * A database that was reached.
	 *
	 * @param database its kind
	 * @param url its URL
	 */
	record Connected(Database database, String url) {

		/**
		 * Return the file of the database.
		 * @return the file, or {@code null} if it is in memory
		 */
		@Nullable Path file() {
			if (this.database != SQLITE) {
				return null;
			}
			String file = this.url.substring(SQLITE.url.length()).replaceFirst("\\?.*", "").replaceFirst("^file:", "");
			Path path = Path.of(file).toAbsolutePath();
			try {
				// Processes that use the same file by other links must see each other
				return path.toRealPath();
			}
			catch (IOException ex) {
				return path;
			}
		}

	}

}
