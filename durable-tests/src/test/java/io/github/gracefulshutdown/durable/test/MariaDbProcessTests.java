package io.github.gracefulshutdown.durable.test;

import java.nio.file.Path;
import java.util.List;

/**
 * Durable jobs in MariaDB.
 *
 * @author The Graceful Shutdown authors
 */
class MariaDbProcessTests extends DurableProcessTests {

	@Override
	List<String> store(Path directory) {
		return List.of("--graceful-shutdown.durable.file=", "--database=" + MariaDb.newDatabase());
	}

}
