package io.github.gracefulshutdown.durable;

import java.nio.file.Path;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/**
 * Where the durable jobs of this application are kept, once that has been opened.
 *
 * @param database the kind of database
 * @param store the store
 * @param instance the name of this instance
 * @param lock its lock
 * @param toClose the database, if it is our own
 * @author The Graceful Shutdown authors
 */
record Storage(Database database, JobStore store, String instance, InstanceLock lock, @Nullable AutoCloseable toClose) {

	private static final Log logger = LogFactory.getLog(Storage.class);

	/**
	 * Open the storage, and create its tables if that is wanted.
	 * @param dataSources the application's database
	 * @param files the file that is used instead, or {@code null}
	 * @param settings how jobs are run
	 * @param definitions the jobs
	 * @return the storage
	 * @throws InvalidDurableJobException if it cannot keep durable jobs
	 */
	static Storage open(Supplier<? extends @Nullable DataSource> dataSources, Supplier<? extends @Nullable Path> files,
			DurableSettings settings, DurableJobDefinitions definitions) {
		Path file = files.get();
		if (file != null) {
			var own = EmbeddedStore.open(file);
			try {
				return open(own, settings, own);
			}
			catch (RuntimeException ex) {
				own.close();
				throw ex;
			}
		}
		DataSource dataSource = dataSources.get();
		if (dataSource == null) {
			throw new IllegalStateException("No database for durable jobs");
		}
		Storage storage = open(withoutProxy(dataSource), settings, null);
		if (!storage.database().isEmbedded()) {
			PoolSize.check(dataSource, settings.threads(), definitions.getTransactional());
		}
		return storage;
	}

	// Its transactions are bound to its target, and are not ours to commit
	private static DataSource withoutProxy(DataSource dataSource) {
		DataSource target = (dataSource instanceof TransactionAwareDataSourceProxy proxy) ? proxy.getTargetDataSource()
				: null;
		return (target != null) ? withoutProxy(target) : dataSource;
	}

	private static Storage open(DataSource dataSource, DurableSettings settings, @Nullable AutoCloseable toClose) {
		Database.Connected connected = Database.connect(dataSource);
		Database database = connected.database();
		if (database.isEmbedded() ? !settings.neverCreateTables() : settings.createTables()) {
			DurableSchema.create(dataSource, database);
		}
		DurableSchema.check(dataSource, database);
		String instance = Instance.newName();
		InstanceLock lock = switch (database) {
			case POSTGRESQL -> new PostgreSqlInstanceLock(instance, dataSource);
			case MARIADB -> new MariaDbInstanceLock(instance, dataSource);
			case SQLITE, H2 ->
				new LocalInstanceLock(instance, connected.file(), new CommittingJdbcTemplate(dataSource));
		};
		return new Storage(database, new JdbcJobStore(dataSource, database), instance, lock, toClose);
	}

	void close() {
		AutoCloseable toClose = this.toClose;
		if (toClose != null) {
			try {
				toClose.close();
			}
			catch (Exception ex) {
				logger.debug("The store of durable jobs did not close", ex);
			}
		}
	}

}
