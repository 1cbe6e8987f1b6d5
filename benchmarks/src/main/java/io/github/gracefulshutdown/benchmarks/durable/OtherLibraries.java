package io.github.gracefulshutdown.benchmarks.durable;

import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.UUID;
import java.util.function.Consumer;

import javax.sql.DataSource;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import org.jobrunr.configuration.JobRunr;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.scheduling.JobRequestScheduler;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.storage.sql.postgres.PostgresStorageProvider;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;
import org.jspecify.annotations.Nullable;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDataMap;
import org.quartz.JobExecutionContext;
import org.quartz.SchedulerException;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * Libraries that keep jobs in PostgreSQL, with their defaults unless others are
 * described. At the signal, each finishes the jobs that run.
 *
 * @author The Graceful Shutdown authors
 */
final class OtherLibraries {

	private static final int CONNECTIONS = 20;

	private OtherLibraries() {
	}

	/**
	 * Create a pool, of the same size for each library.
	 * @param url the database
	 * @return the pool
	 */
	static DataSource dataSource(String url) {
		HikariDataSource dataSource = new HikariDataSource();
		dataSource.setJdbcUrl(url);
		dataSource.setMaximumPoolSize(CONNECTIONS);
		return dataSource;
	}

	/**
	 * Start db-scheduler, which looks for jobs at once when one is scheduled here. It
	 * polls in its default way, fetch: for jobs of one process that is the faster of its
	 * two.
	 * @param url the database
	 * @param threads the number of jobs that it runs at once
	 * @return calls a job
	 */
	static Consumer<Invitation> dbScheduler(String url, int threads) {
		DataSource dataSource = dataSource(url);
		createTables(dataSource, "scheduled_tasks",
				new ClassPathResource("db-scheduler-postgresql.sql", OtherLibraries.class));
		OneTimeTask<Invitation> task = Tasks.oneTime("invite", Invitation.class)
			.execute((instance, context) -> Jobs.run(instance.getData()));
		Scheduler scheduler = Scheduler.create(dataSource, task)
			.threads(threads)
			.enableImmediateExecution()
			.registerShutdownHook()
			.build();
		scheduler.start();
		return (invitation) -> scheduler.scheduleIfNotExists(task.instance(UUID.randomUUID().toString(), invitation),
				Instant.now());
	}

	static Consumer<Invitation> jobRunr(String url, int threads, @Nullable Duration pollInterval) {
		BackgroundJobServerConfiguration configuration = BackgroundJobServerConfiguration
			.usingStandardBackgroundJobServerConfiguration()
			.andWorkerCount(threads);
		if (pollInterval != null) {
			configuration.andPollInterval(pollInterval);
		}
		JobRequestScheduler scheduler = JobRunr.configure()
			.useJsonMapper(new Jackson3JsonMapper())
			.useStorageProvider(new PostgresStorageProvider(dataSource(url)))
			.useBackgroundJobServer(configuration)
			.initialize()
			.getJobRequestScheduler();
		return (invitation) -> scheduler
			.enqueue(new JobRunrRequest(invitation.login(), invitation.repository(), invitation.number()));
	}

	static Consumer<Invitation> quartz(String url, int threads) throws SchedulerException {
		createTables(dataSource(url), "qrtz_locks",
				new ClassPathResource("org/quartz/impl/jdbcjobstore/tables_postgres.sql"));
		Properties properties = new Properties();
		properties.putAll(java.util.Map.of("org.quartz.scheduler.instanceName", "benchmark",
				"org.quartz.scheduler.instanceId", "AUTO", "org.quartz.scheduler.skipUpdateCheck", "true",
				"org.quartz.threadPool.threadCount", Integer.toString(threads), "org.quartz.jobStore.class",
				"org.quartz.impl.jdbcjobstore.JobStoreTX", "org.quartz.jobStore.driverDelegateClass",
				"org.quartz.impl.jdbcjobstore.PostgreSQLDelegate", "org.quartz.jobStore.isClustered", "true",
				"org.quartz.jobStore.dataSource", "store"));
		properties.putAll(java.util.Map.of("org.quartz.dataSource.store.provider", "hikaricp",
				"org.quartz.dataSource.store.driver", "org.postgresql.Driver", "org.quartz.dataSource.store.URL", url,
				"org.quartz.dataSource.store.user", "test", "org.quartz.dataSource.store.maxConnections",
				Integer.toString(CONNECTIONS)));
		org.quartz.Scheduler scheduler = new StdSchedulerFactory(properties).getScheduler();
		scheduler.start();
		Runtime.getRuntime().addShutdownHook(new Thread(() -> {
			try {
				scheduler.shutdown(true);
			}
			catch (SchedulerException ex) {
				throw new IllegalStateException(ex);
			}
		}));
		return (invitation) -> {
			try {
				scheduler.scheduleJob(JobBuilder.newJob(QuartzJob.class)
					.requestRecovery()
					.usingJobData(new JobDataMap(java.util.Map.of("number", invitation.number())))
					.build(), TriggerBuilder.newTrigger().startNow().build());
			}
			catch (SchedulerException ex) {
				throw new IllegalStateException(ex);
			}
		};
	}

	private static void createTables(DataSource dataSource, String one, ClassPathResource script) {
		Boolean exists = new JdbcTemplate(dataSource).queryForObject("select to_regclass(?) is not null", Boolean.class,
				one);
		if (!Boolean.TRUE.equals(exists)) {
			new ResourceDatabasePopulator(script).execute(dataSource);
		}
	}

	/**
	 * A call of a job.
	 */
	public static final class JobRunrRequest implements JobRequest {

		private String login = "";

		private String repository = "";

		private int number;

		JobRunrRequest() {
		}

		JobRunrRequest(String login, String repository, int number) {
			this.login = login;
			this.repository = repository;
			this.number = number;
		}

		@Override
		public Class<JobRunrHandler> getJobRequestHandler() {
			return JobRunrHandler.class;
		}

	}

	/**
	 * Runs a job.
	 */
	public static final class JobRunrHandler implements JobRequestHandler<JobRunrRequest> {

		@Override
		public void run(JobRunrRequest request) {
			Jobs.run(new Invitation(request.login, request.repository, request.number));
		}

	}

	/**
	 * Runs a job.
	 */
	public static final class QuartzJob implements Job {

		@Override
		public void execute(JobExecutionContext context) {
			Jobs.run(Invitation.of(context.getMergedJobDataMap().getInt("number")));
		}

	}

}
