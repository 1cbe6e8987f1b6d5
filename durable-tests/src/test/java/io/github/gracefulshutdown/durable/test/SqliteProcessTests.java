package io.github.gracefulshutdown.durable.test;

import java.nio.file.Path;
import java.util.List;

/**
 * Durable jobs in a file of their own.
 *
 * @author The Graceful Shutdown authors
 */
class SqliteProcessTests extends DurableProcessTests {

	@Override
	List<String> store(Path directory) {
		return List.of("--graceful-shutdown.durable.file=" + directory.resolve("jobs.db"));
	}

}
