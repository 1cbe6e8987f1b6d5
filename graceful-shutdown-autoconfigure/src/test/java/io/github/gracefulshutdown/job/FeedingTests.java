package io.github.gracefulshutdown.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.actuate.DrainEndpoint;
import io.github.gracefulshutdown.actuate.DrainEndpoint.NotWaitedForDescriptor;
import io.github.gracefulshutdown.autoconfigure.BackgroundJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.drain.Workloads;
import io.github.gracefulshutdown.tracking.InFlight;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.scheduling.annotation.Async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for a source of work that the drain does not know, and that submits jobs until
 * Spring destroys it.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class FeedingTests {

	@ParameterizedTest
	@CsvSource({ "false, false", "false, true", "true, false", "true, true" })
	void theJobsOfASourceEndAsInPlainSpring(boolean enabled, boolean declared, CapturedOutput output) {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(AopAutoConfiguration.class, ApplicationAvailabilityAutoConfiguration.class,
							TaskExecutionAutoConfiguration.class, GracefulShutdownAutoConfiguration.class,
							BackgroundJobAutoConfiguration.class, ExecutorDrainAutoConfiguration.class))
			.withUserConfiguration(JobApplication.AsyncConfiguration.class)
			.withPropertyValues("graceful-shutdown.enabled=" + enabled,
					"spring.task.execution.shutdown.await-termination=true",
					"spring.task.execution.shutdown.await-termination-period=20s")
			.withBean(JobApplication.class)
			.withBean(Letters.class)
			.withBean(Source.class, () -> new Source(declared))
			.run((context) -> {
				Source source = context.getBean(Source.class);
				JobApplication application = JobApplication.of(context);
				// Some come between the drain and the closing of the executor
				List<NotWaitedForDescriptor> shown = new ArrayList<>();
				application.onDrainCompleted(() -> {
					shown.add(new DrainEndpoint(context.getBean(GracefulShutdown.class),
							context.getBean(Workloads.class), context.getBean(InFlight.class))
						.drain()
						.notWaitedFor());
					source.awaitSubmissions();
				});
				Letters letters = context.getBean(Letters.class);
				source.letters = letters;
				source.begun.countDown();
				await().until(() -> letters.getSent() > 3);
				context.close();
				source.thread.join();
				assertThat(source.rejected).isNull();
				assertThat(letters.getRejected()).isNull();
				assertThat(letters.getSent()).isEqualTo(source.accepted.get());
				if (enabled) {
					DrainReport report = application.report();
					assertThat(report.state()).isEqualTo(DrainState.DRAINED);
					assertThat(report.notWaitedFor().accepted()).isPositive();
					assertThat(report.notWaitedFor().threads()).containsOnlyKeys("source");
					assertThat(shown).singleElement()
						.satisfies((work) -> assertThat(work.threads()).containsOnlyKeys("source"));
					assertThat(output).contains("Not waited for: work that goes on to come from thread 'source' (");
				}
			});
	}

	static class Letters {

		private final Source source;

		private final AtomicInteger sent = new AtomicInteger();

		private volatile @Nullable JobRejectedException rejected;

		Letters(Source source) {
			this.source = source;
		}

		@Async
		@BackgroundJob("letter")
		void sendDeclared(Letters letters) {
			send();
			try {
				letters.file();
			}
			catch (JobRejectedException ex) {
				this.rejected = ex;
			}
			catch (RejectedExecutionException ex) {
				// As in plain Spring: the executor is being shut down
			}
		}

		@Async
		@BackgroundJob("copy")
		void file() {
		}

		@Nullable JobRejectedException getRejected() {
			return this.rejected;
		}

		int getSent() {
			return this.sent.get();
		}

		@Async
		void send() {
			this.source.awaitSubmissions();
			this.sent.incrementAndGet();
		}

	}

	/**
	 * Submits a job each 20 ms. A job ends when others have been submitted since, so that
	 * there is no moment without a job.
	 */
	static class Source implements InitializingBean, DisposableBean {

		private final CountDownLatch begun = new CountDownLatch(1);

		private final AtomicInteger accepted = new AtomicInteger();

		private final AtomicInteger submissions = new AtomicInteger();

		private final Thread thread = new Thread(this::submit, "source");

		private final boolean declared;

		private volatile @Nullable Letters letters;

		private volatile boolean destroyed;

		private volatile @Nullable JobRejectedException rejected;

		Source(boolean declared) {
			this.declared = declared;
		}

		@Override
		public void afterPropertiesSet() {
			this.thread.start();
		}

		@Override
		public void destroy() {
			this.destroyed = true;
		}

		void awaitSubmissions() {
			int now = this.submissions.get();
			await().until(() -> this.destroyed || this.submissions.get() >= now + 2);
		}

		private void submit() {
			await().until(() -> this.begun.getCount() == 0);
			Letters letters = Objects.requireNonNull(this.letters);
			while (!this.destroyed) {
				try {
					if (this.declared) {
						letters.sendDeclared(letters);
					}
					else {
						letters.send();
					}
					this.accepted.incrementAndGet();
				}
				catch (JobRejectedException ex) {
					this.rejected = ex;
				}
				catch (RejectedExecutionException ex) {
					// As in plain Spring: the executor is being shut down
				}
				this.submissions.incrementAndGet();
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
			}
		}

	}

}
