package io.github.gracefulshutdown.process;

import java.nio.file.Path;
import java.util.List;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The promises for work without an annotation: tasks of executors, and schedules.
 *
 * @author The Graceful Shutdown authors
 */
class TasksTests {

	private static final String TICKS = "--ticks.duration=3000";

	@TempDir
	private Path directory;

	@Test
	void queuedTasksAreFinished() {
		assertThat(finishedTasks(300, ApplicationProcess.ONE_THREAD)).hasSize(20).doesNotHaveDuplicates();
	}

	@Test
	void withoutTheStarterQueuedTasksAreLost() {
		assertThat(finishedTasks(300, ApplicationProcess.ONE_THREAD, ApplicationProcess.WITHOUT_STARTER))
			.hasSizeLessThan(20);
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void tasksOnVirtualThreadsAreFinished() {
		assertThat(finishedTasks(2000, ApplicationProcess.VIRTUAL_THREADS)).hasSize(20).doesNotHaveDuplicates();
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void withoutTheStarterTasksOnVirtualThreadsAreLost() {
		assertThat(finishedTasks(2000, ApplicationProcess.VIRTUAL_THREADS, ApplicationProcess.WITHOUT_STARTER))
			.hasSizeLessThan(20);
	}

	private List<String> finishedTasks(long millis, String... arguments) {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, arguments)) {
			application.startTasks(20, millis);
			application.terminate();
			application.awaitExit();
			return application.journal();
		}
	}

	@Test
	void ticksThatRunAreFinishedAndNoFurtherOneBegins() {
		List<String> journal = ticks(TICKS);
		assertThat(journal).contains("begin-1", "end-1").doesNotHaveDuplicates();
		assertThat(begun(journal)).isEqualTo(ended(journal));
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void ticksOnVirtualThreadsAreFinished() {
		List<String> journal = ticks(TICKS, ApplicationProcess.VIRTUAL_THREADS);
		assertThat(begun(journal)).isPositive().isEqualTo(ended(journal));
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void withoutTheStarterTicksOnVirtualThreadsAreLost() {
		List<String> journal = ticks(TICKS, ApplicationProcess.VIRTUAL_THREADS, ApplicationProcess.WITHOUT_STARTER);
		assertThat(begun(journal)).isGreaterThan(ended(journal));
	}

	private List<String> ticks(String... arguments) {
		try (ApplicationProcess application = ApplicationProcess.start(this.directory, arguments)) {
			Awaitility.await().until(() -> application.journal().contains("begin-1"));
			application.terminate();
			application.awaitExit();
			return application.journal();
		}
	}

	private static long begun(List<String> journal) {
		return journal.stream().filter((line) -> line.startsWith("begin-")).count();
	}

	private static long ended(List<String> journal) {
		return journal.stream().filter((line) -> line.startsWith("end-")).count();
	}

}
