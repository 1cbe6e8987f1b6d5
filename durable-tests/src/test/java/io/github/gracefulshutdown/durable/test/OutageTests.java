package io.github.gracefulshutdown.durable.test;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The database of several processes is restarted and stopped for a while, in the middle
 * of a load. The system property {@code outage.seconds} is the duration.
 *
 * @author The Graceful Shutdown authors
 */
class OutageTests {

	private static final int SECONDS = Integer.getInteger("outage.seconds", 6);

	private static final int OUTAGES = 2;

	private static final Duration LIMIT = Duration.ofMinutes(1);

	private static final int SOME_JOBS = 50;

	@TempDir
	private Path directory;

	@Test
	void noJobIsLostWithoutTheDatabase() throws Exception {
		PostgreSql server = PostgreSql.startNew();
		String database = server.createDatabase();
		Load load = new Load(this.directory, 3, database, SECONDS, "--graceful-shutdown.durable.file=",
				"--database=" + database);
		try (load) {
			load.begin();
			awaitSomeJobs(load);
			server.restart();
			awaitSomeJobs(load);
			server.stop();
			TimeUnit.SECONDS.sleep(SECONDS);
			server.start();
			awaitSomeJobs(load);
			load.end();
			load.check();
			load.living().forEach(OutageTests::assertThatItRecoveredAndSaidSoOnce);
		}
		catch (AssertionError | ConditionTimeoutException ex) {
			throw new AssertionError(load.outputs(), ex);
		}
		finally {
			server.stop();
		}
	}

	private static void awaitSomeJobs(Load load) {
		int before = load.accepted();
		Awaitility.await().atMost(LIMIT).until(() -> load.accepted() > before + SOME_JOBS);
	}

	private static void assertThatItRecoveredAndSaidSoOnce(Load.Instance instance) {
		Awaitility.await()
			.atMost(LIMIT)
			.untilAsserted(() -> assertThat(lines(instance, "The store of durable jobs works again"))
				.isEqualTo(lines(instance, "The store of durable jobs fails"))
				.isBetween(1L, (long) OUTAGES));
		Awaitility.await()
			.atMost(LIMIT)
			.untilAsserted(() -> assertThat(lines(instance, "This instance runs durable jobs again"))
				.isEqualTo(lines(instance, "The database cannot be reached"))
				.isBetween(1L, (long) OUTAGES));
		long jobs = lines(instance, " WARN ", "Durable job 'stepped");
		assertThat(lines(instance, " WARN ", " i.g.") - jobs).isLessThanOrEqualTo(2 * OUTAGES);
		assertThat(instance.process().output()).doesNotContain("died", "took this one for dead");
	}

	private static long lines(Load.Instance instance, String... texts) {
		return instance.process().output().lines().filter((line) -> Stream.of(texts).allMatch(line::contains)).count();
	}

}
