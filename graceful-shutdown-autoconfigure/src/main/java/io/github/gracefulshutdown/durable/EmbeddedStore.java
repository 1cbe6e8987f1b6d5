package io.github.gracefulshutdown.durable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * A database file for the durable jobs alone. Each commit is on the disk when it returns.
 *
 * @author The Graceful Shutdown authors
 */
final class EmbeddedStore {

	private static final int CONNECTIONS = 4;

	private static final int BUSY_TIMEOUT_MILLIS = 20_000;

	private EmbeddedStore() {
	}

	/**
	 * Open a file, and create it if necessary.
	 * @param file the file
	 * @return the database, to be closed
	 */
	static HikariDataSource open(Path file) {
		Path absolute = file.toAbsolutePath();
		try {
			Files.createDirectories(absolute.getParent());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		SQLiteConfig settings = new SQLiteConfig();
		settings.setJournalMode(SQLiteConfig.JournalMode.WAL);
		settings.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
		settings.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
		settings.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
		SQLiteDataSource dataSource = new SQLiteDataSource(settings);
		dataSource.setUrl("jdbc:sqlite:" + absolute);
		HikariConfig pool = new HikariConfig();
		pool.setDataSource(dataSource);
		pool.setPoolName("durable-jobs");
		pool.setMaximumPoolSize(CONNECTIONS);
		return new HikariDataSource(pool);
	}

}
