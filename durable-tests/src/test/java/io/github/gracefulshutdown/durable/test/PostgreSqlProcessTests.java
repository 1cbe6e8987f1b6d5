package io.github.gracefulshutdown.durable.test;

import java.nio.file.Path;
import java.util.List;

/**
 * Durable jobs in PostgreSQL.
 *
 * @author The Graceful Shutdown authors
 */
class PostgreSqlProcessTests extends DurableProcessTests {

	@Override
	List<String> store(Path directory) {
		return List.of("--graceful-shutdown.durable.file=", "--database=" + PostgreSql.newDatabase());
	}

}
