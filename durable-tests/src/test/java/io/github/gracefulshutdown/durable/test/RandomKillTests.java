package io.github.gracefulshutdown.durable.test;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

		private final Load load;

		Rounds(int processes, String url, String... arguments) {
			this.load = new Load(RandomKillTests.this.directory, processes, url, SEED, arguments);
		}

		void run() throws Exception {
			System.out.printf("%d signals, -Drandom.seed=%d%n", SIGNALS, SEED);
			try (Load load = this.load) {
				load.begin();
				for (int i = 0; i < SIGNALS; i++) {
					TimeUnit.MILLISECONDS.sleep(200 + this.random.nextInt(800));
					signal((i < FIRST.length) ? FIRST[i] : this.random.nextInt(4),
							load.living().get(this.random.nextInt(load.living().size())));
				}
				load.end();
				load.check();
			}
			catch (AssertionError | ConditionTimeoutException ex) {
				throw new AssertionError("-Drandom.seed=%d%n%s".formatted(SEED, this.load.outputs()), ex);
			}
		}

		private void signal(int kind, Load.Instance instance) throws InterruptedException {
			switch (kind) {
				case STOP -> {
					instance.process().signal("STOP");
					TimeUnit.MILLISECONDS.sleep(STOPPED_MILLIS);
					instance.process().signal("CONT");
				}
				case TERMINATE -> instance.terminate();
				default -> instance.kill();
			}
		}

	}

}
