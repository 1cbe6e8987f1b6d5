package io.github.gracefulshutdown.durable.test;

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
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.gracefulshutdown.process.ApplicationProcess;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Several processes do durable jobs, and are killed, terminated and stopped at random.
 * The system property {@code random.kills} is the number of signals, {@code random.seed}
 * repeats a choice of them.
 *
 * @author The Graceful Shutdown authors
 */
class RandomKillTests {

	private static final int SIGNALS = Integer.getInteger("random.kills", 3);

	private static final long SEED = Long.getLong("random.seed", ThreadLocalRandom.current().nextLong());

	private static final Duration LIMIT = Duration.ofMinutes(2);

	private static final int MOST_IN_FLIGHT = 20;

	private static final long CALL_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

	private static final int MOST_DEATHS = 3;

	/**
	 * Longer than an instance may be silent.
	 */
	private static final long STOPPED_MILLIS = 5000;

	private static final int STOP = 0;

	private static final int TERMINATE = 1;

	private static final int KILL = 2;

	private static final int[] FIRST = { KILL, STOP };

	@TempDir
	private Path directory;

	@Test
	void noJobIsLostInPostgreSql() throws Exception {
		runOnServer(PostgreSql.newDatabase());
	}

	@Test
	void noJobIsLostInMariaDb() throws Exception {
		runOnServer(MariaDb.newDatabase());
	}

	private void runOnServer(String database) throws Exception {
		new Rounds(3, database, "--graceful-shutdown.durable.file=", "--database=" + database).run();
	}

	@Test
	void noJobIsLostInSqlite() throws Exception {
		Path file = this.directory.resolve("jobs.db");
		new Rounds(2, "jdbc:sqlite:%s?busy_timeout=20000".formatted(file), "--graceful-shutdown.durable.file=" + file)
			.run();
	}

	private final class Rounds {

		private final Random random = new Random(SEED);

		private final List<Instance> living = new CopyOnWriteArrayList<>();

		private final List<Instance> all = new CopyOnWriteArrayList<>();

		private final Set<String> accepted = ConcurrentHashMap.newKeySet();

		private final Collection<String> refused = new ConcurrentLinkedQueue<>();

		private final int processes;

		private final JdbcTemplate jdbc;

		private final List<String> arguments;

		private final AtomicInteger started = new AtomicInteger();

		private volatile boolean ending;

		Rounds(int processes, String url, String... arguments) {
			this.processes = processes;
			this.jdbc = new JdbcTemplate(new DriverManagerDataSource(url));
			this.arguments = new ArrayList<>(List.of(arguments));
			this.arguments.addAll(List.of("--graceful-shutdown.durable.threads=4",
					"--graceful-shutdown.durable.poll-interval=200ms"));
			if (Runtime.version().feature() >= 21) {
				this.arguments.add("--spring.threads.virtual.enabled=" + this.random.nextBoolean());
			}
		}

		void run() throws Exception {
			System.out.printf("%d signals, -Drandom.seed=%d%n", SIGNALS, SEED);
			try {
				CompletableFuture
					.allOf(Stream.generate(() -> CompletableFuture.runAsync(this::start))
						.limit(this.processes)
						.toArray(CompletableFuture[]::new))
					.join();
				Thread callers = new Thread(this::call);
				callers.start();
				for (int i = 0; i < SIGNALS; i++) {
					TimeUnit.MILLISECONDS.sleep(200 + this.random.nextInt(800));
					signal((i < FIRST.length) ? FIRST[i] : this.random.nextInt(4),
							this.living.get(this.random.nextInt(this.living.size())));
				}
				this.ending = true;
				callers.join();
				check();
			}
			catch (AssertionError | ConditionTimeoutException ex) {
				throw new AssertionError("-Drandom.seed=%d%n%s".formatted(SEED, outputs()), ex);
			}
			finally {
				this.ending = true;
				this.living.forEach((instance) -> instance.process().close());
			}
		}

		private void start() {
			Path directory = RandomKillTests.this.directory.resolve("process-" + this.started.getAndIncrement());
			assertThat(directory.toFile().mkdir()).isTrue();
			Instance instance = new Instance(
					ApplicationProcess.start(directory, this.arguments.toArray(String[]::new)));
			this.all.add(instance);
			this.living.add(instance);
		}

		private void signal(int kind, Instance instance) throws InterruptedException {
			switch (kind) {
				case STOP -> {
					instance.process().signal("STOP");
					TimeUnit.MILLISECONDS.sleep(STOPPED_MILLIS);
					instance.process().signal("CONT");
				}
				case TERMINATE -> {
					this.living.remove(instance);
					instance.process().terminate();
					instance.process().awaitExit();
					start();
				}
				default -> {
					this.living.remove(instance);
					instance.kill();
					start();
				}
			}
		}

		private void call() {
			Semaphore inFlight = new Semaphore(MOST_IN_FLIGHT);
			Random random = new Random(SEED);
			for (int i = 0; !this.ending; i++) {
				List<Instance> targets = List.copyOf(this.living);
				ApplicationProcess target = targets.get(random.nextInt(targets.size())).process();
				boolean rolledBack = i % 10 == 0 && this.processes == 3;
				String id = (rolledBack ? "rolled-back-" : "job-") + i;
				int millis = (random.nextInt(20) == 0) ? 500 : random.nextInt(30);
				inFlight.acquireUninterruptibly();
				target.post("/%s?id=%s&duration=%d".formatted(rolledBack ? "rolled-back" : "jobs", id, millis))
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

		private void check() {
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
			assertThat(journal("begun rolled-back-")).as("rolled back").isEmpty();
			assertThat(this.accepted).as("accepted, refused: " + this.refused).isNotEmpty();
			long repeated = ended.values().stream().filter((instances) -> instances.size() > 1).count();
			long kills = this.all.stream().filter(Instance::isKilled).count();
			System.out.printf("accepted %d, completed %d, lost 0, ended twice %d, kills %d of %d signals, refused %s%n",
					this.accepted.size(), ended.size(), repeated, kills, SIGNALS, this.refused);
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

		private String outputs() {
			return this.all.stream()
				.map((instance) -> instance.process()
					.output()
					.lines()
					.filter((line) -> line.contains("WARN") || line.contains("ERROR"))
					.limit(20)
					.collect(Collectors.joining("\n")))
				.collect(Collectors.joining("\n---\n"));
		}

	}

	private static final class Instance {

		private final ApplicationProcess process;

		private volatile boolean killed;

		Instance(ApplicationProcess process) {
			this.process = process;
		}

		ApplicationProcess process() {
			return this.process;
		}

		void kill() {
			this.killed = true;
			this.process.kill();
		}

		boolean isKilled() {
			return this.killed;
		}

	}

}
