package io.github.gracefulshutdown.durable.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.gracefulshutdown.process.ApplicationProcess;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Durable jobs, SIGTERM and SIGKILL.
 *
 * @author The Graceful Shutdown authors
 */
abstract class DurableProcessTests {

	private static final Duration LIMIT = Duration.ofSeconds(90);

	/**
	 * Longer than an instance may be silent.
	 */
	private static final long STOPPED_MILLIS = 5000;

	private static final int MOST_DEATHS = 3;

	@TempDir
	private Path directory;

	/**
	 * Return the arguments of all processes of a test.
	 * @param directory the directory of the test
	 * @return the arguments
	 */
	abstract List<String> store(Path directory);

	private ApplicationProcess start(String name, List<String> store, String... arguments) throws IOException {
		List<String> all = new ArrayList<>(store);
		all.addAll(List.of(arguments));
		return ApplicationProcess.start(Files.createDirectory(this.directory.resolve(name)),
				all.toArray(String[]::new));
	}

	private static List<String> ids(int number) {
		return IntStream.range(0, number).mapToObj((i) -> "job-" + i).toList();
	}

	private static void awaitAll(int number, ApplicationProcess... applications) {
		Awaitility.await()
			.atMost(LIMIT)
			.untilAsserted(() -> assertThat(Stream.of(applications).flatMap((process) -> process.journal().stream()))
				.containsAll(ids(number)));
	}

	@Test
	void jobsOfAKilledProcessAreDoneByTheNext() throws IOException {
		List<String> store = store(this.directory);
		try (ApplicationProcess first = start("first", store, "--graceful-shutdown.durable.threads=2")) {
			first.startJobs(12, 200);
			first.awaitJournal("job-1");
			first.kill();
			assertThat(first.journal()).doesNotContain("job-11");
			try (ApplicationProcess next = start("next", store)) {
				awaitAll(12, first, next);
			}
		}
	}

	@Test
	void queuedJobsAreTakenByAnotherInstanceAndTheFirstExitsWhenItsOwnAreDone() throws IOException {
		List<String> store = store(this.directory);
		try (ApplicationProcess first = start("first", store, "--graceful-shutdown.durable.threads=4");
				ApplicationProcess other = start("other", store, "--slow=false")) {
			assertThat(first.post("/standby").join().body()).isEqualTo("true");
			assertThat(other.post("/standby").join().body()).isEqualTo("true");
			first.startJobs(44, 4000);
			assertThat(first.post("/resume").join().body()).isEqualTo("true");
			Awaitility.await().atMost(LIMIT).until(() -> first.journal().size() == 4);
			first.terminate();
			assertThat(other.post("/resume").join().body()).isEqualTo("true");
			first.awaitExit();
			assertThat(first.output()).contains("durable 4 at the signal, 4 completed, 0 abandoned");
			assertThat(first.journal()).hasSize(8).doesNotHaveDuplicates();
			awaitAll(44, first, other);
			assertThat(other.journal()).hasSize(80).doesNotHaveDuplicates();
		}
	}

	@Test
	void runningJobsOfAKilledProcessAreTakenOverAndThoseOfAStoppedOneAreNot() throws Exception {
		List<String> store = store(this.directory);
		try (ApplicationProcess first = start("first", store, "--graceful-shutdown.durable.threads=5");
				ApplicationProcess other = start("other", store, "--slow=false")) {
			assertThat(other.post("/standby").join().body()).isEqualTo("true");
			first.startJobs(4, 600_000);
			assertThat(first.post("/jobs?id=short&duration=6000").join().statusCode()).isEqualTo(202);
			first.awaitJournal("begun short");
			first.awaitJournal("begun job-3");
			assertThat(other.post("/resume").join().body()).isEqualTo("true");
			first.signal("STOP");
			TimeUnit.MILLISECONDS.sleep(STOPPED_MILLIS);
			first.signal("CONT");
			first.awaitJournal("short");
			assertThat(first.journal()).hasSize(6);
			assertThat(other.journal()).isEmpty();
			first.kill();
			awaitAll(4, other);
			assertThat(other.output()).contains("of its durable jobs run again");
			assertThat(first.output()).doesNotContain("are interrupted");
		}
	}

	@Test
	void aJobThatEndsItsProcessIsADeadLetterAndTheOthersAreDone() throws IOException {
		List<String> store = new ArrayList<>(store(this.directory));
		store.add("--graceful-shutdown.durable.threads=4");
		List<ApplicationProcess> all = new ArrayList<>();
		try (ApplicationProcess first = start("process-0", store)) {
			all.add(first);
			first.startJobs(3, 1000);
			assertThat(first.post("/halting-jobs?id=bad&duration=300").join().statusCode()).isEqualTo(202);
			first.awaitExit();
			while (all.size() < MOST_DEATHS) {
				try (ApplicationProcess next = ApplicationProcess
					.begin(Files.createDirectory(this.directory.resolve("process-" + all.size())), store)) {
					all.add(next);
					next.awaitExit();
					assertThat(next.journal()).as(next.output()).contains("begun bad");
				}
			}
			try (ApplicationProcess last = start("last", store)) {
				all.add(last);
				last.awaitOutput("are dead letters now");
				assertThat(last.output()).contains(" 1 are dead letters now");
				assertThat(last.journal()).doesNotContain("begun bad");
				awaitAll(3, all.toArray(ApplicationProcess[]::new));
			}
		}
	}

	@Test
	void jobsThatCannotEndInTimeRunAgain() throws IOException {
		runAgain("--spring.threads.virtual.enabled=false");
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void jobsOnVirtualThreadsThatCannotEndInTimeRunAgain() throws IOException {
		runAgain("--spring.threads.virtual.enabled=true");
	}

	private void runAgain(String threads) throws IOException {
		List<String> store = store(this.directory);
		try (ApplicationProcess first = start("first", store, "--graceful-shutdown.grace-period=20s",
				"--graceful-shutdown.cancel-before-deadline=17s", threads)) {
			first.startJobs(2, 600_000);
			first.awaitJournal("begun job-1");
			first.terminate();
			first.awaitExit();
			assertThat(first.output()).contains("durable 2 at the signal, 2 handed_over, 0 abandoned");
			try (ApplicationProcess next = start("next", store, "--slow=false")) {
				awaitAll(2, next);
			}
		}
	}

}
