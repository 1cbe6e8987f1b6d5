package io.github.gracefulshutdown.benchmarks.durable;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * A library that runs jobs, with its defaults unless others are described.
 *
 * @author The Graceful Shutdown authors
 */
enum JobSystem {

	ASYNC("plain `@Async`", Store.NONE, (store, threads) -> JobApplication.async(threads)),

	BACKGROUND_JOB("`@BackgroundJob`", Store.NONE, (store, threads) -> JobApplication.backgroundJob(threads)),

	DURABLE_JOB_SQLITE("`@DurableJob`, SQLite", Store.SQLITE, JobApplication::durableJobInFile),

	DURABLE_JOB("`@DurableJob`, PostgreSQL", Store.POSTGRESQL, JobApplication::durableJob),

	DB_SCHEDULER("db-scheduler", Store.POSTGRESQL, OtherLibraries::dbScheduler),

	JOBRUNR("JobRunr", Store.POSTGRESQL, (store, threads) -> OtherLibraries.jobRunr(store, threads, null)),

	JOBRUNR_5_SECONDS("JobRunr, which looks every 5 s", Store.POSTGRESQL,
			(store, threads) -> OtherLibraries.jobRunr(store, threads, Duration.ofSeconds(5))),

	QUARTZ("Quartz", Store.POSTGRESQL, OtherLibraries::quartz);

	private final String title;

	private final Store store;

	private final Starter starter;

	JobSystem(String title, Store store, Starter starter) {
		this.title = title;
		this.store = store;
		this.starter = starter;
	}

	String title() {
		return this.title;
	}

	Store store() {
		return this.store;
	}

	/**
	 * Start this library in this process, where it runs until the process ends.
	 * @param store the URL of the database, or the name of the file
	 * @param threads the number of jobs that it runs at once
	 * @return calls a job
	 * @throws Exception if it does not start
	 */
	Consumer<Invitation> start(String store, int threads) throws Exception {
		return this.starter.start(store, threads);
	}

	/**
	 * Where jobs are kept.
	 */
	enum Store {

		NONE, POSTGRESQL, SQLITE

	}

	@FunctionalInterface
	private interface Starter {

		Consumer<Invitation> start(String store, int threads) throws Exception;

	}

}
