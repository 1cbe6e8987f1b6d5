package io.github.gracefulshutdown.durable;

import java.util.UUID;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Tests for durable jobs in H2 in memory, as tests of applications use it.
 *
 * @author The Graceful Shutdown authors
 */
class H2DurableJobTests extends DurableJobTests {

	@Override
	DataSource connect(String url) {
		return new DriverManagerDataSource(url, "sa", "");
	}

	@Override
	String newDatabase() {
		return "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;CASE_INSENSITIVE_IDENTIFIERS=TRUE".formatted(UUID.randomUUID());
	}

}
