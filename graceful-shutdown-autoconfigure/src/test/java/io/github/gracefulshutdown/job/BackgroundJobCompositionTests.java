package io.github.gracefulshutdown.job;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.gracefulshutdown.WorkState;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link BackgroundJob} together with transactions and retries, which are part
 * of the job.
 *
 * @author The Graceful Shutdown authors
 */
class BackgroundJobCompositionTests {

	private final ApplicationContextRunner contextRunner = JobApplication.asyncRunner()
		.withUserConfiguration(CompositionConfiguration.class)
		.withBean(RecordingTransactionManager.class)
		.withBean(Composed.class);

	@Test
	void endsAfterTheTransactionHasCommitted() {
		this.contextRunner.run((context) -> {
			context.getBean(Composed.class).transactional(() -> {
			});
			assertThat(events(context)).containsExactly("begin with 1 in flight", "commit with 1 in flight");
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void endsAfterTheTransactionHasRolledBack() {
		this.contextRunner.run((context) -> {
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(Composed.class).transactional(() -> {
				throw new IllegalStateException("Test");
			}));
			assertThat(events(context)).containsExactly("begin with 1 in flight", "rollback with 1 in flight");
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.FAILED);
		});
	}

	@Test
	void endsAfterTheTransactionOfAnAsyncMethodHasCommitted() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			context.getBean(Composed.class).asyncTransactional(gate::pass);
			gate.awaitArrivals(1);
			gate.open();
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
			assertThat(events(context)).containsExactly("begin with 1 in flight", "commit with 1 in flight");
		});
	}

	@Test
	void failedCommitIsCountedAsFailed() {
		this.contextRunner.run((context) -> {
			context.getBean(RecordingTransactionManager.class).failCommit = true;
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(Composed.class).transactional(() -> {
			})).withMessage("Commit failed");
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.FAILED);
		});
	}

	@Test
	void spansAllAttempts() {
		this.contextRunner.run((context) -> {
			Attempts attempts = new Attempts(JobApplication.jobs(context), 2);
			context.getBean(Composed.class).retryable(attempts);
			assertThat(attempts.inFlight).containsExactly(1L, 1L, 1L);
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void spansAllAttemptsOfAnAsyncMethod() {
		this.contextRunner.run((context) -> {
			Attempts attempts = new Attempts(JobApplication.jobs(context), 2);
			context.getBean(Composed.class).asyncRetryable(attempts);
			JobApplication.awaitOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
			assertThat(attempts.inFlight).containsExactly(1L, 1L, 1L);
		});
	}

	@Test
	void failsOnceWhenAllAttemptsFail() {
		this.contextRunner.run((context) -> {
			Attempts attempts = new Attempts(JobApplication.jobs(context), Integer.MAX_VALUE);
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(Composed.class).retryable(attempts));
			assertThat(attempts.inFlight).containsExactly(1L, 1L, 1L);
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.FAILED);
		});
	}

	private static List<String> events(ApplicationContext context) {
		return context.getBean(RecordingTransactionManager.class).events;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	@EnableResilientMethods
	static class CompositionConfiguration {

	}

	static class Composed {

		@BackgroundJob
		@Transactional
		void transactional(Jobs.Body body) throws Exception {
			body.run();
		}

		@Async
		@BackgroundJob
		@Transactional
		void asyncTransactional(Jobs.Body body) throws Exception {
			body.run();
		}

		@BackgroundJob
		@Retryable(maxRetries = 2, delay = 1)
		void retryable(Jobs.Body body) throws Exception {
			body.run();
		}

		@Async
		@BackgroundJob
		@Retryable(maxRetries = 2, delay = 1)
		void asyncRetryable(Jobs.Body body) throws Exception {
			body.run();
		}

	}

	/**
	 * Body that fails the first times that it is run.
	 */
	static class Attempts implements Jobs.Body {

		private final List<Long> inFlight = new CopyOnWriteArrayList<>();

		private final JobWorkload jobs;

		private final int failures;

		Attempts(JobWorkload jobs, int failures) {
			this.jobs = jobs;
			this.failures = failures;
		}

		@Override
		public void run() {
			this.inFlight.add(this.jobs.getInFlight());
			assertThat(JobApplication.outcomes(this.jobs)).isEmpty();
			if (this.inFlight.size() <= this.failures) {
				throw new IllegalStateException("Attempt " + this.inFlight.size());
			}
		}

	}

	@SuppressWarnings("serial")
	static class RecordingTransactionManager extends AbstractPlatformTransactionManager {

		private final List<String> events = new CopyOnWriteArrayList<>();

		private final ObjectProvider<JobWorkload> jobs;

		private volatile boolean failCommit;

		RecordingTransactionManager(ObjectProvider<JobWorkload> jobs) {
			this.jobs = jobs;
		}

		@Override
		protected Object doGetTransaction() {
			return new Object();
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
			record("begin");
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			record("commit");
			if (this.failCommit) {
				throw new IllegalStateException("Commit failed");
			}
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
			record("rollback");
		}

		private void record(String event) {
			this.events.add("%s with %d in flight".formatted(event, this.jobs.getObject().getInFlight()));
		}

	}

}
