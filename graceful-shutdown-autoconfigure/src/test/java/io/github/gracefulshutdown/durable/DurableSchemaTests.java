package io.github.gracefulshutdown.durable;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Tests for {@link DurableSchema}.
 *
 * @author The Graceful Shutdown authors
 */
class DurableSchemaTests {

	private static final int INSTANCES = 8;

	@RepeatedTest(5)
	void instancesThatStartAtOnceCreateTheTables() throws Exception {
		String url = PostgreSql.newDatabase();
		ExecutorService threads = Executors.newFixedThreadPool(INSTANCES);
		try {
			CyclicBarrier barrier = new CyclicBarrier(INSTANCES);
			List<Future<?>> starts = new ArrayList<>();
			for (int i = 0; i < INSTANCES; i++) {
				starts.add(threads.submit(() -> {
					SingleConnectionDataSource dataSource = new SingleConnectionDataSource(url, true);
					try {
						dataSource.getConnection();
						barrier.await(10, TimeUnit.SECONDS);
						DurableSchema.create(dataSource, Database.POSTGRESQL);
						DurableSchema.check(dataSource, Database.POSTGRESQL);
					}
					finally {
						dataSource.destroy();
					}
					return null;
				}));
			}
			for (Future<?> start : starts) {
				start.get(30, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void tablesThatExistAreNotLockedByAnotherStart() throws Exception {
		DriverManagerDataSource dataSource = new DriverManagerDataSource(PostgreSql.newDatabase());
		DurableSchema.create(dataSource, Database.POSTGRESQL);
		try (Connection transaction = dataSource.getConnection()) {
			transaction.setAutoCommit(false);
			DurableApplication.store(new JdbcTemplate(new SingleConnectionDataSource(transaction, true)), "job", "[]");
			CompletableFuture.runAsync(() -> DurableSchema.create(dataSource, Database.POSTGRESQL))
				.get(20, TimeUnit.SECONDS);
			transaction.rollback();
		}
	}

}
