package io.github.gracefulshutdown.tracking;

import org.springframework.core.Ordered;

/**
 * The order in which workloads are stopped, reported and asked whether they are idle. An
 * application's own workloads come between {@link #EXCHANGES} and {@link #POOLS}, unless
 * they have an order of their own.
 *
 * @author The Graceful Shutdown authors
 */
public final class WorkloadOrder {

	/**
	 * First in the report, because most readers look for them.
	 */
	public static final int REQUESTS = Ordered.HIGHEST_PRECEDENCE;

	/**
	 * Before {@link #TASKS}: a job on an executor is a job and not a task.
	 */
	public static final int JOBS = Ordered.HIGHEST_PRECEDENCE + 1;

	/**
	 * Durable jobs are jobs, too.
	 */
	public static final int DURABLE = Ordered.HIGHEST_PRECEDENCE + 2;

	/**
	 * Tasks of executors without an annotation.
	 */
	public static final int TASKS = Ordered.HIGHEST_PRECEDENCE + 3;

	/**
	 * Schedules stop before the sources of work that take longer to stop.
	 */
	public static final int SCHEDULES = Ordered.HIGHEST_PRECEDENCE + 4;

	/**
	 * Quartz is a schedule, too.
	 */
	public static final int QUARTZ = Ordered.HIGHEST_PRECEDENCE + 5;

	/**
	 * Schedulers that keep their jobs in a database.
	 */
	public static final int DB_SCHEDULER = Ordered.HIGHEST_PRECEDENCE + 6;

	/**
	 * Job servers that keep their jobs in a database.
	 */
	public static final int JOBRUNR = Ordered.HIGHEST_PRECEDENCE + 7;

	/**
	 * After all workloads that launch batches.
	 */
	public static final int BATCHES = Ordered.HIGHEST_PRECEDENCE + 8;

	/**
	 * Message listeners, whose containers may need a moment to stop.
	 */
	public static final int INTAKES = Ordered.HIGHEST_PRECEDENCE + 9;

	/**
	 * Servers of other protocols stop after the web server has closed its sockets.
	 */
	public static final int SERVERS = Ordered.HIGHEST_PRECEDENCE + 10;

	/**
	 * Lifecycles of which nothing is known wait for those of higher phases, also for
	 * {@link #INTAKES} and {@link #SERVERS}.
	 */
	public static final int OTHER_LIFECYCLES = Ordered.HIGHEST_PRECEDENCE + 11;

	/**
	 * Exchanges of Apache Camel have consumers of both kinds, listeners and servers.
	 */
	public static final int EXCHANGES = Ordered.HIGHEST_PRECEDENCE + 12;

	/**
	 * Last: the drain can only look at a pool, and does so when no other workload can
	 * give it work any more.
	 */
	public static final int POOLS = Ordered.LOWEST_PRECEDENCE;

	private WorkloadOrder() {
	}

}
