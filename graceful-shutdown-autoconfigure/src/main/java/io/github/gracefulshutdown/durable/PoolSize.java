package io.github.gracefulshutdown.durable;

import java.sql.SQLException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * Whether the pool of the application has enough connections. The lock holds one. All
 * else holds one for a moment and never needs a second one meanwhile, but for jobs in
 * transactions: each holds one until it ends.
 *
 * @author The Graceful Shutdown authors
 */
final class PoolSize {

	private static final Log logger = LogFactory.getLog(PoolSize.class);

	private static final String PROPERTY = "spring.datasource.hikari.maximum-pool-size";

	private static final int LOCK = 1;

	private static final int OTHERS = 1;

	private PoolSize() {
	}

	/**
	 * Check a pool that was used before.
	 * @param dataSource the pool, if it is one of HikariCP
	 * @param threads how many jobs run at once
	 * @param transactional a job that runs in a transaction, or {@code null}
	 * @throws InvalidDurableJobException if no job could ever run
	 */
	static void check(DataSource dataSource, int threads, @Nullable String transactional) {
		if (ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource", PoolSize.class.getClassLoader())) {
			check(Hikari.size(dataSource), threads, transactional);
		}
	}

	private static void check(int size, int threads, @Nullable String transactional) {
		if (size < LOCK + OTHERS) {
			throw new InvalidDurableJobException(
					"%s is %d: the lock of durable jobs holds one connection, and none is left for the jobs."
						.formatted(PROPERTY, size),
					"Set it to %d or more.".formatted(LOCK + OTHERS));
		}
		if (transactional != null && size - LOCK - OTHERS < threads) {
			logger.warn(("%s is %d, and durable job '%s' runs in a transaction: %d jobs and the lock may hold all"
					+ " connections, and requests wait. Set it to %d or more, or graceful-shutdown.durable.threads to less")
				.formatted(PROPERTY, size, transactional, threads, threads + LOCK + OTHERS));
		}
	}

	/**
	 * Other pools are not known.
	 */
	private static final class Hikari {

		private Hikari() {
		}

		static int size(DataSource dataSource) {
			try {
				return dataSource.isWrapperFor(HikariDataSource.class)
						? dataSource.unwrap(HikariDataSource.class).getMaximumPoolSize() : Integer.MAX_VALUE;
			}
			catch (SQLException ex) {
				return Integer.MAX_VALUE;
			}
		}

	}

}
