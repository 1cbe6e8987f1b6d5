package io.github.gracefulshutdown.durable.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.gracefulshutdown.process.ApplicationProcess;
import org.awaitility.Awaitility;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Instances of the application, and calls of their durable jobs. Accounts for each
 * accepted job, whatever happens to the instances and to their store. The system property
 * {@code random.pause} is the pause between two calls, in milliseconds.
 *
 * @author The Graceful Shutdown authors
 */
final class Load implements AutoCloseable {

	private static final Duration LIMIT = Duration.ofMinutes(2);

	private static final int MOST_IN_FLIGHT = 20;

	private static final long CALL_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(Long.getLong("random.pause", 10));

	private static final int MOST_DEATHS = 3;

	private final List<Instance> living = new CopyOnWriteArrayList<>();

	private final List<Instance> all = new CopyOnWriteArrayList<>();

	private final Set<String> accepted = ConcurrentHashMap.newKeySet();

	private final Collection<String> refused = new ConcurrentLinkedQueue<>();

	private final Random random;

	private final Path directory;

	private final int processes;

	private final JdbcTemplate jdbc;

	private final List<String> arguments;

	private final AtomicInteger started = new AtomicInteger();

	private final Thread callers = new Thread(this::call);

	private volatile boolean ending;

	/**
	 * Create a load.
	 * @param directory where the processes may write
	 * @param processes the number of processes
	 * @param url the store
	 * @param seed chooses the calls, and on JDK 21 or later the kind of threads
	 * @param arguments the arguments of all processes
	 */
	Load(Path directory, int processes, String url, long seed, String... arguments) {
		this.directory = directory;
		this.processes = processes;
		this.jdbc = new JdbcTemplate(new DriverManagerDataSource(url));
		this.random = new Random(seed);
		this.arguments = new ArrayList<>(List.of(arguments));
		this.arguments.addAll(
				List.of("--graceful-shutdown.durable.threads=4", "--graceful-shutdown.durable.poll-interval=200ms"));
		if (Runtime.version().feature() >= 21) {
			this.arguments.add("--spring.threads.virtual.enabled=" + this.random.nextBoolean());
		}
	}

	/**
	 * Start the processes, and begin to call.
	 */
	void begin() {
		CompletableFuture
			.allOf(Stream.generate(() -> CompletableFuture.runAsync(this::start))
				.limit(this.processes)
				.toArray(CompletableFuture[]::new))
			.join();
		this.callers.start();
	}

	/**
	 * Start one more process.
	 */
	void start() {
		try {
			Path directory = Files.createDirectory(this.directory.resolve("process-" + this.started.getAndIncrement()));
			Instance instance = new Instance(
					ApplicationProcess.start(directory, this.arguments.toArray(String[]::new)));
			this.all.add(instance);
			this.living.add(instance);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the processes that are called.
	 * @return the processes
	 */
	List<Instance> living() {
		return this.living;
	}

	/**
	 * Return the number of jobs that have been accepted so far.
	 * @return the number
	 */
	int accepted() {
		return this.accepted.size();
	}

	private void call() {
		Semaphore inFlight = new Semaphore(MOST_IN_FLIGHT);
		for (int i = 0; !this.ending; i++) {
			List<Instance> targets = List.copyOf(this.living);
			ApplicationProcess target = targets.get(this.random.nextInt(targets.size())).process();
			boolean rolledBack = i % 10 == 0 && this.processes == 3;
			String id = (rolledBack ? "rolled-back-" : "job-") + i;
			int millis = (this.random.nextInt(20) == 0) ? 500 : this.random.nextInt(30);
			inFlight.acquireUninterruptibly();
			String path = (i % 5 == 1) ? "stepped-jobs" : "jobs";
			target.post("/%s?id=%s&duration=%d".formatted(rolledBack ? "rolled-back" : path, id, millis))
				.whenComplete((response, failure) -> {
					if (failure == null && response.statusCode() == 202) {
						if (!rolledBack) {
							this.accepted.add(id);
						}
					}
					else if (failure == null) {
						this.refused.add(id + ": " + response.statusCode());
					}
					inFlight.release();
				});
			LockSupport.parkNanos(CALL_PAUSE_NANOS);
		}
		inFlight.acquireUninterruptibly(MOST_IN_FLIGHT);
	}

	/**
	 * Call no more.
	 * @throws InterruptedException if the calling thread is interrupted
	 */
	void end() throws InterruptedException {
		this.ending = true;
		this.callers.join();
	}

	/**
	 * Wait until the store is empty, and account for each job.
	 */
	void check() {
		Awaitility.await()
			.atMost(LIMIT)
			.pollInterval(Duration.ofMillis(500))
			.untilAsserted(() -> assertThat(this.jdbc
				.queryForList("select name, state, owner, deaths from durable_jobs where state <> 'DEAD' limit 20"))
				.isEmpty());
		Map<String, List<Instance>> ended = journal("job-");
		Map<String, List<Instance>> begun = journal("begun job-");
		List<String> lost = this.accepted.stream()
			.filter((id) -> !ended.containsKey(id))
			.filter((id) -> killsWhile(id, begun) < MOST_DEATHS)
			.toList();
		assertThat(lost).as("lost").isEmpty();
		assertThat(repeated(ended, Map.of())).as("ended twice without a kill").isEmpty();
		assertThat(repeated(begun, journal("interrupted job-"))).as("begun twice without a kill").isEmpty();
		assertThat(journal("saved ").entrySet()).as("ran again, although it was saved")
			.allMatch((step) -> step.getValue().size() == 1);
		assertThat(journal("begun rolled-back-")).as("rolled back").isEmpty();
		assertThat(this.accepted).as("accepted, refused: " + this.refused).isNotEmpty();
		long repeated = ended.values().stream().filter((instances) -> instances.size() > 1).count();
		long kills = this.all.stream().filter(Instance::isKilled).count();
		System.out.printf("accepted %d, completed %d, lost 0, ended twice %d, kills %d, refused %s%n",
				this.accepted.size(), ended.size(), repeated, kills, this.refused);
		// At most a batch of ends that were not written
		assertThat(repeated).isLessThanOrEqualTo(kills * 4 * this.processes);
	}

	private Map<String, List<Instance>> journal(String prefix) {
		Map<String, List<Instance>> lines = new HashMap<>();
		for (Instance instance : this.all) {
			for (String line : instance.process().journal()) {
				if (line.startsWith(prefix)) {
					lines.computeIfAbsent(line.substring(line.lastIndexOf(' ') + 1), (id) -> new ArrayList<>())
						.add(instance);
				}
			}
		}
		return lines;
	}

	private long killsWhile(String id, Map<String, List<Instance>> begun) {
		return begun.getOrDefault(id, List.of()).stream().filter(Instance::isKilled).count();
	}

	// One that was not killed has written the end of the job, or handed it over
	private List<String> repeated(Map<String, List<Instance>> lines, Map<String, List<Instance>> handedOver) {
		return lines.entrySet()
			.stream()
			.filter((line) -> line.getValue().stream().filter((instance) -> !instance.isKilled()).count() > 1
					+ handedOver.getOrDefault(line.getKey(), List.of()).size())
			.map(Map.Entry::getKey)
			.toList();
	}

	/**
	 * Return the warnings of all processes, for the message of a failure.
	 * @return the first lines of each
	 */
	String outputs() {
		return this.all.stream()
			.map((instance) -> instance.process()
				.output()
				.lines()
				.filter((line) -> line.contains("WARN") || line.contains("ERROR"))
				.limit(20)
				.collect(Collectors.joining("\n")))
			.collect(Collectors.joining("\n---\n"));
	}

	@Override
	public void close() {
		this.ending = true;
		this.living.forEach((instance) -> instance.process().close());
	}

	/**
	 * One process of the application.
	 */
	final class Instance {

		private final ApplicationProcess process;

		private volatile boolean killed;

		private Instance(ApplicationProcess process) {
			this.process = process;
		}

		ApplicationProcess process() {
			return this.process;
		}

		/**
		 * Send SIGKILL, and start another process.
		 */
		void kill() {
			Load.this.living.remove(this);
			this.killed = true;
			this.process.kill();
			start();
		}

		/**
		 * Send SIGTERM, wait for the end, and start another process.
		 */
		void terminate() {
			Load.this.living.remove(this);
			this.process.terminate();
			this.process.awaitExit();
			start();
		}

		boolean isKilled() {
			return this.killed;
		}

	}

}
