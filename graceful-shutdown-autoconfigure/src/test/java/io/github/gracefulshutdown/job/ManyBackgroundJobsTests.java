package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for a deadline that comes while very many jobs are queued.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class ManyBackgroundJobsTests {

	private static final int NUMBER = 100_000;

	@Test
	void aHundredThousandQueuedJobsAreReportedInFewLinesAndInsideTheGracePeriod(CapturedOutput output) {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		AtomicInteger begun = new AtomicInteger();
		List<String> outputAtCompletion = new CopyOnWriteArrayList<>();
		JobApplication.runner()
			.withPropertyValues("graceful-shutdown.grace-period=6s", "graceful-shutdown.reserve=5s",
					"graceful-shutdown.cancel-before-deadline=500ms")
			.withBean("taskExecutor", ExecutorService.class, () -> executor,
					(definition) -> definition.setDestroyMethodName(""))
			.run((context) -> {
				JobApplication application = JobApplication.of(context);
				application.onDrainCompleted(() -> outputAtCompletion.add(output.toString()));
				Gate gate = context.getBean(Gate.class);
				BackgroundJobs jobs = context.getBean(BackgroundJobs.class);
				jobs.start("stubborn", gate::passStubbornly);
				gate.awaitArrivals(1);
				for (int number = 0; number < NUMBER; number++) {
					jobs.start("job-" + number, begun::incrementAndGet);
				}
				long begin = System.nanoTime();
				context.close();
				Duration closing = Duration.ofNanos(System.nanoTime() - begin);
				assertThat(closing).isLessThan(Duration.ofSeconds(6));
				DrainReport report = application.report();
				assertThat(report.state()).isEqualTo(DrainState.EXPIRED);
				assertThat(report.abandoned()).hasSize(NUMBER + 1);
				assertThat(report.abandoned()).filteredOn((job) -> job.state() == WorkState.QUEUED).hasSize(NUMBER);
				assertThat(outputAtCompletion).singleElement()
					.satisfies((before) -> assertThat(before).doesNotContain("Deadline passed")
						.doesNotContain("Abandoned"));
				List<String> lines = new ArrayList<>(output.toString().lines().toList());
				assertThat(lines).filteredOn((line) -> line.contains("Abandoned"))
					.hasSizeBetween(10, 50)
					.anyMatch((line) -> line.endsWith("Abandoned " + (NUMBER - 20) + " others of jobs"));
				gate.open();
				executor.shutdown();
				assertThat(executor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
				assertThat(begun).hasValue(0);
			});
	}

}
