package io.github.gracefulshutdown.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Accept jobs, send SIGTERM at a random moment, and account for every job. How many times
 * is the system property {@code random.runs}. The application is the executable jar with
 * the defaults of the JVM, as users run it.
 *
 * @author The Graceful Shutdown authors
 */
class RandomMomentTests {

	private static final int RUNS = Integer.getInteger("random.runs", 2);

	private static final Pattern REPORT = Pattern.compile("jobs \\d+ at the signal[^;]*");

	private static final Pattern NOT_FINISHED = Pattern.compile("(\\d+) (cancelled|abandoned)");

	private static final int CLIENTS = 4;

	@TempDir
	private Path directory;

	@Test
	void everythingAcceptedIsFinishedOrNamed() throws Exception {
		long seed = System.nanoTime();
		for (int run = 0; run < RUNS; run++) {
			run(run, new Random(seed + run), "run %d of seed %d".formatted(run, seed));
		}
	}

	private void run(int run, Random random, String description) throws Exception {
		Path runDirectory = Files.createTempDirectory(this.directory, "run");
		Queue<String> accepted = new ConcurrentLinkedQueue<>();
		try (ApplicationProcess application = ApplicationProcess.startJar(runDirectory, arguments(run, random))) {
			Thread[] clients = new Thread[CLIENTS];
			for (int i = 0; i < CLIENTS; i++) {
				Random pauses = new Random(random.nextLong());
				String prefix = "job-" + i + "-";
				clients[i] = new Thread(() -> sendUntilRefused(application, prefix, pauses, accepted));
				clients[i].start();
			}
			Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> !accepted.isEmpty());
			TimeUnit.MILLISECONDS.sleep(random.nextInt(1500));
			application.terminate();
			application.awaitExit();
			for (Thread client : clients) {
				client.join(TimeUnit.MINUTES.toMillis(1));
			}
			check(application, accepted, description);
		}
	}

	// Every other run has less time than the jobs need
	private String[] arguments(int run, Random random) {
		boolean virtual = Runtime.version().feature() >= 21 && random.nextBoolean();
		String gracePeriod = (run % 2 == 0) ? "30s" : (500 + random.nextInt(2500)) + "ms";
		return new String[] { "--graceful-shutdown.grace-period=" + gracePeriod,
				"--spring.task.execution.pool.core-size=" + (1 + random.nextInt(8)),
				virtual ? ApplicationProcess.VIRTUAL_THREADS : "--spring.threads.virtual.enabled=false" };
	}

	private void sendUntilRefused(ApplicationProcess application, String prefix, Random random,
			Queue<String> accepted) {
		for (int i = 0; i < 100; i++) {
			String id = prefix + i;
			try {
				int status = application.post("/jobs?id=" + id + "&duration=" + random.nextInt(200))
					.join()
					.statusCode();
				if (status == 202) {
					accepted.add(id);
				}
			}
			catch (RuntimeException ex) {
				return;
			}
		}
	}

	private void check(ApplicationProcess application, Queue<String> accepted, String description) throws IOException {
		String output = application.output();
		assertThat(output).as(description).containsPattern("Drained after|Deadline passed after|nothing in flight");
		Matcher report = REPORT.matcher(output);
		long abandoned = NOT_FINISHED.matcher(report.find() ? report.group() : "")
			.results()
			.mapToLong((result) -> Long.parseLong(result.group(1)))
			.sum();
		assertThat(application.journal()).as(description).doesNotHaveDuplicates();
		Set<String> missing = new HashSet<>(accepted);
		missing.removeAll(application.journal());
		assertThat(missing).as(description + output).hasSizeLessThanOrEqualTo((int) abandoned);
		System.out.printf("%s: accepted %d, finished %d, not finished and reported %d%n", description, accepted.size(),
				application.journal().size(), abandoned);
	}

}
