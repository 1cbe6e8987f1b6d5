package io.github.gracefulshutdown.durable;

import java.time.Duration;

/**
 * How durable jobs are run.
 *
 * @param threads how many run at once in this process, 1 or more
 * @param virtual whether they run on virtual threads
 * @param pollInterval how often the store is asked for jobs that nobody has announced
 * @param createTables whether to create the tables if the database is not embedded
 * @param neverCreateTables whether not to create them in an embedded one either
 * @author The Graceful Shutdown authors
 */
public record DurableSettings(int threads, boolean virtual, Duration pollInterval, boolean createTables,
		boolean neverCreateTables) {

}
