package io.github.gracefulshutdown.benchmarks.durable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;

import io.github.gracefulshutdown.benchmarks.BenchmarksDocument;
import org.jspecify.annotations.Nullable;

/**
 * Two processes share a store. One of them ends, and the other one begins its jobs:
 * measures when. Writes its section of {@code docs/benchmarks.md}. Started by
 * {@code benchmarks/take-over.sh}.
 *
 * @author The Graceful Shutdown authors
 */
public final class TakeOver {

	private static final String TITLE = "## Take-over of durable jobs";

	private static final int ROUNDS = Integer.getInteger("benchmarks.rounds", 20);

	/**
	 * Of libraries with which a round takes up to a minute and a half.
	 */
	private static final int ROUNDS_OF_OTHERS = Math.min(3, ROUNDS);

	private static final int RUNNING = 4;

	private static final int QUEUED = 40;

	private static final Duration BOUND = Duration.ofSeconds(100);

	private static final long FOR_EVER_MILLIS = TimeUnit.HOURS.toMillis(1);

	private static final long SECONDS_MILLIS = 2000;

	private final Map<JobSystem, List<Round>> kills = new ConcurrentHashMap<>();

	private final Map<JobSystem, List<Round>> terminations = new ConcurrentHashMap<>();

	private final PostgreSqlServer server;

	private final Path directory;

	private TakeOver(PostgreSqlServer server, Path directory) {
		this.server = server;
		this.directory = directory;
	}

	public static void main(String[] arguments) throws Exception {
		TakeOver benchmark = new TakeOver(PostgreSqlServer.start(), Files.createTempDirectory("take-over"));
		benchmark.measure();
		benchmark.write();
		System.exit(0);
	}

	private void measure() {
		for (JobSystem system : List.of(JobSystem.DURABLE_JOB, JobSystem.DURABLE_JOB_SQLITE)) {
			kill(system, ROUNDS);
			terminate(system, ROUNDS);
		}
		// These wait most of the time, so that they do not disturb each other
		List<CompletableFuture<Void>> others = new ArrayList<>();
		for (JobSystem system : List.of(JobSystem.DB_SCHEDULER, JobSystem.JOBRUNR, JobSystem.QUARTZ)) {
			others.add(CompletableFuture.runAsync(() -> kill(system, 1), TakeOver::inThread));
			others.add(CompletableFuture.runAsync(() -> terminate(system, ROUNDS_OF_OTHERS), TakeOver::inThread));
		}
		CompletableFuture.allOf(others.toArray(CompletableFuture[]::new)).join();
	}

	private static void inThread(Runnable code) {
		new Thread(code).start();
	}

	private void kill(JobSystem system, int rounds) {
		String store = store(system, "kill");
		try (Instance survivor = new Instance(system, store, 0)) {
			for (int i = 0; i < rounds; i++) {
				try (Instance dying = new Instance(system, store, FOR_EVER_MILLIS)) {
					survivor.forget();
					survivor.signal("STOP");
					dying.call(RUNNING);
					dying.await(() -> dying.begins().size() == RUNNING);
					survivor.signal("CONT");
					// A random moment between its looks
					sleep(500 + ThreadLocalRandom.current().nextInt(1000));
					dying.kill();
					add(this.kills, system, survivor, System.nanoTime(), RUNNING, null);
				}
			}
		}
	}

	private void terminate(JobSystem system, int rounds) {
		String store = store(system, "term");
		try (Instance survivor = new Instance(system, store, 0)) {
			for (int i = 0; i < rounds; i++) {
				try (Instance ending = new Instance(system, store, SECONDS_MILLIS)) {
					sleep(ThreadLocalRandom.current().nextInt(1000));
					survivor.forget();
					// It must not take queued jobs before the signal
					survivor.signal("STOP");
					ending.call(RUNNING + QUEUED);
					ending.await(() -> ending.begins().size() == RUNNING);
					ending.signal("TERM");
					long signal = System.nanoTime();
					survivor.signal("CONT");
					add(this.terminations, system, survivor, signal, QUEUED, ending);
				}
			}
		}
	}

	private static void add(Map<JobSystem, List<Round>> results, JobSystem system, Instance survivor, long begin,
			int jobs, @Nullable Instance ending) {
		survivor.await(() -> survivor.begins().size() >= jobs);
		List<Long> begins = survivor.begins();
		boolean all = begins.size() >= jobs;
		Round round = new Round(seconds(begins.isEmpty() ? Long.MAX_VALUE : begins.get(0) - begin),
				seconds(all ? begins.get(jobs - 1) - begin : Long.MAX_VALUE),
				(ending != null) ? seconds(ending.awaitExit() - begin) : 0);
		System.out.printf("%s: %s%n", system.title(), round);
		results.computeIfAbsent(system, (key) -> Collections.synchronizedList(new ArrayList<>())).add(round);
	}

	private String store(JobSystem system, String name) {
		return (system.store() == JobSystem.Store.SQLITE) ? this.directory.resolve(name + ".db").toString()
				: this.server.create(system.name().toLowerCase(Locale.ROOT) + "_" + name);
	}

	private static double seconds(long nanos) {
		return (nanos > TimeUnit.DAYS.toNanos(1)) ? Double.POSITIVE_INFINITY : nanos / 1e9;
	}

	private static void sleep(long millis) {
		try {
			TimeUnit.MILLISECONDS.sleep(millis);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void write() throws IOException {
		StringBuilder section = new StringBuilder(
				"""
						%s

						Written by `benchmarks/take-over.sh`. Two processes share a store, and each runs 4 jobs at once. One gets a
						signal, and the other one is idle. Seconds from the signal until the other one begins the jobs. PostgreSQL %s on
						the same machine; db-scheduler 16.12.0, JobRunr 8.7.0 and Quartz 2.5.2 (clustered, with `requestRecovery`) with
						their defaults, also how often they look. They were measured for at most %d s.

						%s

						"""
					.formatted(TITLE, this.server.version(), BOUND.toSeconds(), BenchmarksDocument.machine()));
		section
			.append("""
					| SIGKILL with %d running jobs | rounds | first begins: median | worst | all have begun: median | worst |
					| --- | --- | --- | --- | --- | --- |
					"""
				.formatted(RUNNING));
		rows(section, this.kills, List.of(Round::first, Round::all));
		section
			.append("""

					| SIGTERM with %d running jobs of 2 s, and %d queued jobs that end at once elsewhere | rounds | first queued job \
					begins: median | worst | all have begun: median | worst | exit: median | worst |
					| --- | --- | --- | --- | --- | --- | --- | --- |
					"""
				.formatted(RUNNING, QUEUED));
		rows(section, this.terminations, List.of(Round::first, Round::all, Round::exit));
		System.out.println(section);
		BenchmarksDocument.write(section.toString());
	}

	private static void rows(StringBuilder section, Map<JobSystem, List<Round>> results,
			List<ToDoubleFunction<Round>> values) {
		for (JobSystem system : JobSystem.values()) {
			List<Round> rounds = results.getOrDefault(system, List.of());
			if (rounds.isEmpty()) {
				continue;
			}
			section.append("| %s | %d |".formatted(system.title(), rounds.size()));
			for (ToDoubleFunction<Round> value : values) {
				double[] sorted = rounds.stream().mapToDouble(value).sorted().toArray();
				section.append(" %s | %s |".formatted(format(sorted[(sorted.length - 1) / 2]),
						format(sorted[sorted.length - 1])));
			}
			section.append('\n');
		}
	}

	private static String format(double seconds) {
		return Double.isInfinite(seconds) ? "> " + BOUND.toSeconds() : String.format(Locale.ROOT, "%.2f", seconds);
	}

	/**
	 * The times of a round, in seconds since the signal.
	 *
	 * @param first the begin of the first job in the other process
	 * @param all the begin of the last one
	 * @param exit the end of the process, if it gets time for that
	 */
	private record Round(double first, double all, double exit) {

	}

	/**
	 * A process.
	 */
	private static final class Instance implements AutoCloseable {

		private final Process process;

		private final Writer input;

		private final Map<Integer, Long> begins = new ConcurrentHashMap<>();

		private volatile boolean started;

		private volatile int calls;

		private final CompletableFuture<Long> exit;

		Instance(JobSystem system, String store, long millis) {
			try {
				this.process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
						"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp",
						System.getProperty("java.class.path"), TakeOverProcess.class.getName(), system.name(), store,
						Integer.toString(RUNNING), Long.toString(millis))
					.redirectError(ProcessBuilder.Redirect.DISCARD)
					.start();
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
			this.input = this.process.outputWriter(StandardCharsets.UTF_8);
			inThread(this::read);
			this.exit = this.process.onExit().thenApply((process) -> System.nanoTime());
			await(() -> this.started);
		}

		private void read() {
			try (BufferedReader output = this.process.inputReader(StandardCharsets.UTF_8)) {
				String line = output.readLine();
				while (line != null) {
					if (line.startsWith("begun ")) {
						this.begins.putIfAbsent(Integer.valueOf(line.substring(6)), System.nanoTime());
					}
					else if (line.equals("started")) {
						this.started = true;
					}
					else if (line.equals("called")) {
						this.calls++;
					}
					line = output.readLine();
				}
			}
			catch (IOException ex) {
				// It was killed
			}
		}

		void call(int jobs) {
			int before = this.calls;
			try {
				this.input.write(jobs + "\n");
				this.input.flush();
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
			await(() -> this.calls > before);
		}

		List<Long> begins() {
			return this.begins.values().stream().sorted().toList();
		}

		void forget() {
			this.begins.clear();
		}

		void await(BooleanSupplier condition) {
			long end = System.nanoTime() + BOUND.toNanos();
			while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
				if (!this.process.isAlive()) {
					throw new IllegalStateException("The process has ended");
				}
				sleep(1);
			}
		}

		long awaitExit() {
			try {
				return this.exit.get(BOUND.toSeconds(), TimeUnit.SECONDS);
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}

		void signal(String name) {
			try {
				new ProcessBuilder("kill", "-" + name, Long.toString(this.process.pid())).start().waitFor();
			}
			catch (IOException | InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		void kill() {
			this.process.destroyForcibly();
		}

		@Override
		public void close() {
			kill();
			this.process.onExit().join();
		}

	}

}
