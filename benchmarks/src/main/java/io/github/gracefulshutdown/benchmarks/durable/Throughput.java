package io.github.gracefulshutdown.benchmarks.durable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

import io.github.gracefulshutdown.benchmarks.BenchmarksDocument;

/**
 * Calls of jobs that do nothing, with several libraries in turn in one process, and the
 * statements that they execute. Writes its section of {@code docs/benchmarks.md}. Started
 * by {@code benchmarks/durable-jobs.sh}.
 *
 * @author The Graceful Shutdown authors
 */
public final class Throughput {

	private static final String TITLE = "## Durable jobs";

	private static final String INTRODUCTION = """
			%s

			Written by `benchmarks/durable-jobs.sh`. Jobs that do nothing, with an argument of three properties, %d at
			once in one process; all libraries in one JVM, in turn, %d round(s). PostgreSQL %s on the same machine, with its
			defaults: each commit waits for the disk. Pools of 20 connections. db-scheduler 16.12.0 looks for jobs at once
			when it has stored one (`enableImmediateExecution`). JobRunr 8.7.0 looks every 5 s instead of every 15 s, and
			when a job has ended; it has one round.

			For the times, each caller waits until its job has begun before it calls again. For the jobs per second, all
			callers call %d jobs back to back; the clock stops when the last one has run. Each number is the median
			of the rounds, and the worst the worst of all calls. A ratio is the median of the ratios to db-scheduler in the
			same round, and less is better: of jobs per second, it is that of the times for one job.

			%s

			| | callers | call to return, ms | ratio | call to begin, ms | ratio | worst, ms | jobs per second | ratio |
			| --- | --- | --- | --- | --- | --- | --- | --- | --- |
			""";

	private static final int ROUNDS = Integer.getInteger("benchmarks.rounds", 5);

	private static final int THREADS = 10;

	private static final int[] CALLERS = { 1, 8, 64 };

	private static final List<JobSystem> SYSTEMS = Stream
		.of(JobSystem.ASYNC, JobSystem.BACKGROUND_JOB, JobSystem.DURABLE_JOB, JobSystem.DURABLE_JOB_SQLITE,
				JobSystem.DB_SCHEDULER, JobSystem.JOBRUNR_5_SECONDS)
		.filter((system) -> system.name().matches(System.getProperty("benchmarks.systems", ".*")))
		.toList();

	private static final JobSystem REFERENCE = JobSystem.DB_SCHEDULER;

	private static final int JOBS = 1000;

	private static final int JOBS_WITHOUT_STORE = 20_000;

	private static final Duration WINDOW = Duration.ofSeconds(1);

	/**
	 * JobRunr looks for jobs every 5 s, so that it gets one round of its own size.
	 */
	private static final int JOBS_OF_JOBRUNR = 500;

	private static final Duration WINDOW_OF_JOBRUNR = Duration.ofSeconds(11);

	private static final Duration IDLE = Duration.ofSeconds(Integer.getInteger("benchmarks.idle", 30));

	private final List<Subject> subjects = new ArrayList<>();

	private final StringBuilder section = new StringBuilder();

	private final PostgreSqlServer server;

	private Throughput(PostgreSqlServer server) {
		this.server = server;
	}

	public static void main(String[] arguments) throws Exception {
		Throughput benchmark = new Throughput(PostgreSqlServer.start());
		benchmark.start();
		benchmark.measure();
		benchmark.write();
		System.exit(0);
	}

	private void start() throws Exception {
		Path directory = Files.createTempDirectory("durable-jobs");
		for (JobSystem system : SYSTEMS) {
			String store = switch (system.store()) {
				case NONE -> "";
				case POSTGRESQL -> this.server.create(database(system));
				case SQLITE -> directory.resolve("jobs.db").toString();
			};
			this.subjects.add(new Subject(system, system.start(store, THREADS)));
		}
		System.out.println("Warming up");
		for (Subject subject : this.subjects) {
			if (subject.system != JobSystem.JOBRUNR_5_SECONDS) {
				oneAtATime(subject.call, 8, WINDOW);
				burst(subject.call, 8, 2 * jobs(subject.system));
			}
		}
	}

	private static String database(JobSystem system) {
		return system.name().toLowerCase(Locale.ROOT);
	}

	private long statements(Subject subject) {
		return this.server.statements(database(subject.system));
	}

	private void measure() throws InterruptedException {
		for (int round = 0; round < ROUNDS; round++) {
			for (int callers : CALLERS) {
				// None is always the first
				List<Subject> order = new ArrayList<>(this.subjects);
				Collections.rotate(order, round);
				for (Subject subject : order) {
					if (subject.system != JobSystem.JOBRUNR_5_SECONDS || round == 0) {
						measure(subject, callers);
					}
				}
			}
		}
		System.out.printf("Idle for %d s%n", IDLE.toSeconds());
		List<Long> before = this.subjects.stream().map(this::statements).toList();
		TimeUnit.NANOSECONDS.sleep(IDLE.toNanos());
		for (int i = 0; i < before.size(); i++) {
			Subject subject = this.subjects.get(i);
			subject.idlePerSecond = (double) (statements(subject) - before.get(i)) / IDLE.toSeconds();
		}
	}

	private void measure(Subject subject, int callers) throws InterruptedException {
		Times times = oneAtATime(subject.call, callers,
				(subject.system == JobSystem.JOBRUNR_5_SECONDS) ? WINDOW_OF_JOBRUNR : WINDOW);
		int jobs = jobs(subject.system);
		long before = statements(subject);
		double perSecond = burst(subject.call, callers, jobs);
		// The last ends may not be written yet
		TimeUnit.MILLISECONDS.sleep(100);
		subject.statementsPerJob = (double) (statements(subject) - before) / jobs;
		Result result = new Result(callers, median(times.toReturn()), median(times.toBegin()),
				Collections.max(times.toBegin()), perSecond);
		subject.results.add(result);
		System.out.printf("%d caller(s), %s: %s%n", callers, subject.system.title(), result);
	}

	private static int jobs(JobSystem system) {
		if (system == JobSystem.JOBRUNR_5_SECONDS) {
			return JOBS_OF_JOBRUNR;
		}
		return (system.store() == JobSystem.Store.NONE) ? JOBS_WITHOUT_STORE : JOBS;
	}

	/**
	 * Call jobs for a while. Each caller waits until its job has begun.
	 * @param call calls a job
	 * @param callers the number of threads
	 * @param window how long
	 * @return the times of all calls
	 * @throws InterruptedException if interrupted
	 */
	private Times oneAtATime(Consumer<Invitation> call, int callers, Duration window) throws InterruptedException {
		Semaphore[] begun = new Semaphore[callers];
		Arrays.setAll(begun, (caller) -> new Semaphore(0));
		AtomicLong[] begins = new AtomicLong[callers];
		Arrays.setAll(begins, (caller) -> new AtomicLong());
		Jobs.set((caller) -> {
			begins[caller].set(System.nanoTime());
			begun[caller].release();
		});
		List<Double> toReturn = Collections.synchronizedList(new ArrayList<>());
		List<Double> toBegin = Collections.synchronizedList(new ArrayList<>());
		long end = System.nanoTime() + window.toNanos();
		runAll(callers, (caller) -> {
			while (System.nanoTime() - end < 0) {
				long start = System.nanoTime();
				call.accept(Invitation.of(caller));
				long returned = System.nanoTime();
				begun[caller].acquireUninterruptibly();
				toReturn.add(milliseconds(returned - start));
				toBegin.add(milliseconds(begins[caller].get() - start));
			}
		});
		return new Times(toReturn, toBegin);
	}

	/**
	 * Call jobs as fast as possible.
	 * @param call calls a job
	 * @param callers the number of threads
	 * @param jobs the number of jobs
	 * @return the jobs per second, from the first call to the end of the last job
	 * @throws InterruptedException if interrupted
	 */
	private double burst(Consumer<Invitation> call, int callers, int jobs) throws InterruptedException {
		CountDownLatch left = new CountDownLatch(jobs);
		Jobs.set((number) -> left.countDown());
		AtomicInteger next = new AtomicInteger();
		long start = System.nanoTime();
		runAll(callers, (caller) -> {
			int number = next.getAndIncrement();
			while (number < jobs) {
				call.accept(Invitation.of(number));
				number = next.getAndIncrement();
			}
		});
		if (!left.await(2, TimeUnit.MINUTES)) {
			throw new IllegalStateException("%d jobs have not run".formatted(left.getCount()));
		}
		return jobs * 1e9 / (System.nanoTime() - start);
	}

	private static void runAll(int callers, IntConsumer code) throws InterruptedException {
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < callers; i++) {
			int caller = i;
			Thread thread = new Thread(() -> code.accept(caller), "caller-" + caller);
			thread.start();
			threads.add(thread);
		}
		for (Thread thread : threads) {
			thread.join();
		}
	}

	private void write() throws Exception {
		this.section.append(INTRODUCTION.formatted(TITLE, THREADS, ROUNDS, this.server.version(), JOBS,
				BenchmarksDocument.machine()));
		for (int callers : CALLERS) {
			this.subjects.forEach((subject) -> row(subject, callers));
		}
		this.section.append("""

				Statements with those that begin and end transactions, counted by the database (`pg_stat_statements`).

				| | statements for each job, 64 callers | statements per second of an idle instance |
				| --- | --- | --- |
				""");
		for (Subject subject : this.subjects) {
			if (subject.system.store() == JobSystem.Store.POSTGRESQL) {
				this.section.append("| %s | %s | %s |%n".formatted(subject.system.title(),
						format(subject.statementsPerJob), format(subject.idlePerSecond)));
			}
		}
		System.out.println(this.section);
		BenchmarksDocument.write(this.section.toString());
	}

	private void row(Subject subject, int callers) {
		List<Result> own = subject.results(callers);
		List<Result> reference = this.subjects.stream()
			.filter((candidate) -> candidate.system == REFERENCE)
			.flatMap((candidate) -> candidate.results(callers).stream())
			.toList();
		this.section.append("| %s | %d | %s | %s | %s | %s | %s | %.0f | %s |%n".formatted(subject.system.title(),
				callers, format(median(own, Result::toReturn)), ratio(own, reference, Result::toReturn),
				format(median(own, Result::toBegin)), ratio(own, reference, Result::toBegin),
				format(own.stream().mapToDouble(Result::worstToBegin).max().orElseThrow()),
				median(own, Result::perSecond), ratio(own, reference, (result) -> 1 / result.perSecond())));
	}

	private static String ratio(List<Result> own, List<Result> reference, ToDoubleFunction<Result> value) {
		List<Double> ratios = new ArrayList<>();
		for (int i = 0; i < own.size(); i++) {
			ratios.add(value.applyAsDouble(own.get(i)) / value.applyAsDouble(reference.get(i)));
		}
		return format(median(ratios));
	}

	private static double median(List<Result> results, ToDoubleFunction<Result> value) {
		return median(results.stream().map(value::applyAsDouble).toList());
	}

	private static double median(List<Double> values) {
		List<Double> sorted = values.stream().sorted().toList();
		return sorted.get((sorted.size() - 1) / 2);
	}

	private static double milliseconds(long nanos) {
		return nanos / 1e6;
	}

	// Two or three digits, whatever the size
	private static String format(double value) {
		int digits = (value >= 100) ? 0 : (value >= 10) ? 1 : (value >= 1) ? 2 : (value >= 0.1) ? 3 : 4;
		return String.format(Locale.ROOT, "%." + digits + "f", value);
	}

	/**
	 * The times of calls, in milliseconds.
	 *
	 * @param toReturn from the call to its return
	 * @param toBegin from the call to the begin of the job
	 */
	private record Times(List<Double> toReturn, List<Double> toBegin) {

	}

	/**
	 * The numbers of a round, with times in milliseconds.
	 *
	 * @param callers the number of callers
	 * @param toReturn the median time from a call to its return
	 * @param toBegin the median time from a call to the begin of its job
	 * @param worstToBegin the longest time from a call to the begin of its job
	 * @param perSecond the number of jobs per second
	 */
	private record Result(int callers, double toReturn, double toBegin, double worstToBegin, double perSecond) {

	}

	private static final class Subject {

		private final JobSystem system;

		private final Consumer<Invitation> call;

		private final List<Result> results = new ArrayList<>();

		private double statementsPerJob;

		private double idlePerSecond;

		Subject(JobSystem system, Consumer<Invitation> call) {
			this.system = system;
			this.call = call;
		}

		List<Result> results(int callers) {
			return this.results.stream().filter((result) -> result.callers() == callers).toList();
		}

	}

}
