package io.github.gracefulshutdown.batch;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.autoconfigure.BatchDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import io.github.gracefulshutdown.job.GracePeriods;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.configuration.annotation.StepScope;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.SimpleJob;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.listener.JobExecutionListener;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.scope.context.ChunkContext;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepContribution;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.core.step.tasklet.StoppableTasklet;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.ItemStreamReader;
import org.springframework.batch.infrastructure.item.ReaderNotOpenException;
import org.springframework.batch.infrastructure.item.support.AbstractItemCountingItemStreamItemReader;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.batch.autoconfigure.BatchTaskExecutor;
import org.springframework.boot.batch.jdbc.autoconfigure.BatchJdbcAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * The drain of Spring Batch jobs, with a repository that outlives the application.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class BatchDrainTests {

	private static final int ITEMS = 10;

	private final Gate gate = new Gate();

	private final Ledger ledger = new Ledger(this.gate);

	private final CountingDataSource dataSource = new CountingDataSource();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
						DataSourceTransactionManagerAutoConfiguration.class, BatchJdbcAutoConfiguration.class,
						GracefulShutdownAutoConfiguration.class, BatchDrainAutoConfiguration.class))
		.withUserConfiguration(JobConfiguration.class)
		.withPropertyValues("spring.batch.jdbc.initialize-schema=always")
		.withBean(CountingDataSource.class, () -> this.dataSource)
		.withBean(Ledger.class, () -> this.ledger);

	private final ApplicationContextRunner asyncContextRunner = this.contextRunner
		.withUserConfiguration(ExecutorConfiguration.class);

	private final ApplicationContextRunner secondContextRunner = this.contextRunner
		.withPropertyValues("spring.batch.jdbc.initialize-schema=never", "graceful-shutdown.enabled=false");

	// Spring Batch finds the beans of a step by its id, also in another application
	@AfterEach
	void nothingIsLeftRunning() {
		this.gate.open();
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("batch-")));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void anExecutionStopsAfterItsChunkAndARestartDoesTheRest(boolean async) {
		(async ? this.asyncContextRunner : this.contextRunner).run((context) -> {
			BatchWorkload workload = context.getBean(BatchWorkload.class);
			CompletableFuture<?> launched = CompletableFuture.runAsync(() -> start(context, "importJob"));
			this.gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(report).isNotDone();
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isEqualTo(1);
			this.gate.open();
			assertThat(report.thenApply((ended) -> this.ledger.closed.get()).join()).isEqualTo(1);
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(workload.getCount(WorkState.CANCELLED)).isEqualTo(1);
			launched.join();
		});
		assertThat(this.ledger.written).containsExactly(1, 2, 3, 4);
		assertThatARestartDoesTheRest("importJob", BatchStatus.STOPPED);
		assertThat(this.ledger.taskletRuns).hasValue(1);
	}

	@Test
	void withoutTheStarterAnExecutionIsLeftAsStarted() {
		this.asyncContextRunner.withPropertyValues("graceful-shutdown.enabled=false").run((context) -> {
			start(context, "importJob");
			this.gate.awaitArrivals(1);
		});
		this.secondContextRunner.run((context) -> {
			JobExecution left = find(context, "importJob");
			assertThat(left.getStatus()).isEqualTo(BatchStatus.STARTED);
			assertThatException().isThrownBy(() -> context.getBean(JobOperator.class).restart(left));
		});
		this.gate.open();
	}

	@Test
	void theEndIsAwaitedUntilItIsInTheRepository() {
		this.asyncContextRunner.run((context) -> {
			this.ledger.afterJob = this.gate::passStubbornly;
			start(context, "slowListenerJob");
			this.gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(report).isNotDone();
			this.dataSource.connections.set(0);
			this.gate.open();
			assertThat(report.thenApply((ended) -> this.dataSource.connections.get()).join()).isPositive();
		});
	}

	@Test
	void aTaskletThatRunsIsNotRepeatedAndTheNextIsNotBegun() {
		this.asyncContextRunner.run((context) -> {
			start(context, "taskletJob");
			this.gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			this.gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
		});
		assertThat(this.ledger.taskletRuns).hasValue(1);
		assertThatARestartDoes("taskletJob", BatchStatus.STOPPED);
		assertThat(this.ledger.taskletRuns).hasValue(2);
	}

	@Test
	void aStoppableTaskletIsStopped() {
		this.asyncContextRunner.run((context) -> {
			start(context, "stoppableJob");
			this.gate.awaitArrivals(1);
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
		});
		this.secondContextRunner
			.run((context) -> assertThat(find(context, "stoppableJob").getStatus()).isEqualTo(BatchStatus.STOPPED));
		this.gate.open();
	}

	@Test
	void anExecutionThatCannotBeRestartedIsLeftToEnd() {
		this.asyncContextRunner.run((context) -> {
			BatchWorkload workload = context.getBean(BatchWorkload.class);
			start(context, "onceOnlyJob");
			this.gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			this.gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(workload.getCount(WorkState.COMPLETED)).isEqualTo(1);
		});
		assertThat(this.ledger.written).hasSize(ITEMS);
	}

	@Test
	void anExecutionThatBeginsAfterTheSignalDoesNothing() {
		this.asyncContextRunner.run((context) -> {
			start(context, "taskletJob");
			this.gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			start(context, "importJob");
			await().until(() -> find(context, "importJob").getStatus() == BatchStatus.STOPPED);
			assertThat(this.ledger.written).isEmpty();
			this.gate.open();
			report.join();
		});
		assertThatARestartDoesTheRest("importJob", BatchStatus.STOPPED);
	}

	@Test
	void anExecutionIsInterruptedShortlyBeforeTheDeadlineAndCanBeRestarted() {
		this.ledger.stubborn = false;
		this.asyncContextRunner.withPropertyValues(GracePeriods.cancelledSoon()).run((context) -> {
			start(context, "importJob");
			this.gate.awaitArrivals(1);
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(this.gate.getInterrupts()).isEqualTo(1);
		});
		this.gate.open();
		assertThatARestartDoesTheRest("importJob", BatchStatus.FAILED);
	}

	@Test
	void anExecutionThatDoesNotEndIsNamed() {
		this.asyncContextRunner.withPropertyValues(GracePeriods.abandonedSoon()).run((context) -> {
			JobExecution execution = start(context, "importJob");
			this.gate.awaitArrivals(1);
			DrainReport report = shutdown(context).join();
			assertThat(report.state()).isEqualTo(DrainState.EXPIRED);
			assertThat(report.abandoned()).singleElement().satisfies((work) -> {
				assertThat(work.name()).isEqualTo("importJob, execution " + execution.getId());
				assertThat(work.stack()).isNotEmpty();
			});
			this.gate.open();
		});
	}

	@Test
	void manyExecutionsInProgressAllStopAndNoneFails() {
		this.asyncContextRunner.run((context) -> {
			this.ledger.gated = false;
			for (int i = 0; i < 20; i++) {
				start(context, "endlessJob", i);
			}
			await().until(() -> this.ledger.written.size() > 50);
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
		});
		this.secondContextRunner.run((context) -> {
			JobRepository repository = context.getBean(JobRepository.class);
			assertThat(repository.findJobInstances("endlessJob").stream().map(repository::getLastJobExecution))
				.hasSize(20)
				.allSatisfy((execution) -> assertThat(execution.getStatus()).isEqualTo(BatchStatus.STOPPED));
		});
	}

	@Test
	void executionsInOtherApplicationsAreNotTouched() {
		this.asyncContextRunner.run((context) -> {
			JobRepository repository = context.getBean(JobRepository.class);
			JobParameters parameters = parameters(0);
			JobExecution elsewhere = repository.createJobExecution(
					repository.createJobInstance("importJob", parameters), parameters, new ExecutionContext());
			elsewhere.setStatus(BatchStatus.STARTED);
			repository.update(elsewhere);
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
		});
		this.secondContextRunner
			.run((context) -> assertThat(find(context, "importJob").getStatus()).isEqualTo(BatchStatus.STARTED));
	}

	@Test
	void theRepositoryIsNotAskedWhenNothingRuns() {
		this.asyncContextRunner.run((context) -> {
			this.gate.open();
			start(context, "importJob");
			await().until(() -> context.getBean(BatchWorkload.class).getCount(WorkState.COMPLETED) == 1);
			this.dataSource.connections.set(0);
			DrainReport report = shutdown(context).join();
			assertThat(report.duration()).isLessThan(Duration.ofSeconds(5));
			assertThat(this.dataSource.connections).hasValue(0);
		});
	}

	@Test
	void anExcludedJobIsLeftAlone() {
		this.asyncContextRunner.withPropertyValues("graceful-shutdown.jobs.exclude=importJob").run((context) -> {
			start(context, "importJob");
			this.gate.awaitArrivals(1);
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isZero();
			this.gate.open();
			await().until(() -> find(context, "importJob").getStatus() == BatchStatus.COMPLETED);
		});
	}

	@Test
	void jobsKeepTheirType() {
		this.contextRunner
			.run((context) -> assertThat(context.getBean("importJob")).isExactlyInstanceOf(SimpleJob.class));
	}

	private void assertThatARestartDoesTheRest(String job, BatchStatus left) {
		assertThatARestartDoes(job, left);
		assertThat(this.ledger.written).containsExactlyElementsOf(IntStream.rangeClosed(1, ITEMS).boxed().toList());
	}

	private void assertThatARestartDoes(String job, BatchStatus left) {
		this.secondContextRunner.run((context) -> {
			assertThat(find(context, job).getStatus()).isEqualTo(left);
			context.getBean(JobOperator.class).restart(find(context, job));
			assertThat(find(context, job).getStatus()).isEqualTo(BatchStatus.COMPLETED);
		});
	}

	private static JobExecution start(AssertableApplicationContext context, String job) {
		return start(context, job, 0);
	}

	private static JobExecution start(AssertableApplicationContext context, String job, int number) {
		try {
			return context.getBean(JobOperator.class).start(context.getBean(job, Job.class), parameters(number));
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static JobParameters parameters(int number) {
		return new JobParametersBuilder().addLong("number", (long) number).toJobParameters();
	}

	private static JobExecution find(AssertableApplicationContext context, String job) {
		return Objects.requireNonNull(context.getBean(JobRepository.class).getLastJobExecution(job, parameters(0)),
				"execution of " + job);
	}

	private static void awaitDraining(AssertableApplicationContext context) {
		await().until(() -> context.getBean(GracefulShutdown.class).state() == DrainState.DRAINING);
	}

	private static CompletableFuture<DrainReport> shutdown(AssertableApplicationContext context) {
		return context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture();
	}

	/**
	 * The items done so far, by all applications together. The third item waits at the
	 * gate.
	 */
	static class Ledger {

		private final Gate gate;

		private final List<Integer> written = Collections.synchronizedList(new ArrayList<>());

		private final AtomicInteger taskletRuns = new AtomicInteger();

		private final AtomicInteger closed = new AtomicInteger();

		private volatile boolean gated = true;

		private volatile boolean stubborn = true;

		private volatile Runnable afterJob = () -> {
		};

		Ledger(Gate gate) {
			this.gate = gate;
		}

		void write(List<? extends Integer> items) throws InterruptedException {
			if (this.gated && items.contains(3)) {
				pass();
			}
			LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
			this.written.addAll(items);
		}

		void pass() throws InterruptedException {
			if (this.stubborn) {
				this.gate.passStubbornly();
			}
			else {
				this.gate.pass();
			}
		}

	}

	/**
	 * Database that lives until the JVM ends.
	 */
	static class CountingDataSource extends DelegatingDataSource {

		private final AtomicInteger connections = new AtomicInteger();

		CountingDataSource() {
			JdbcDataSource target = new JdbcDataSource();
			target.setURL("jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID()));
			setTargetDataSource(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			this.connections.incrementAndGet();
			return super.getConnection();
		}

	}

	/**
	 * Reader of numbers, which must not be closed while it is read from.
	 */
	static class NumberReader extends AbstractItemCountingItemStreamItemReader<Integer> {

		private final Ledger ledger;

		private volatile boolean open;

		NumberReader(Ledger ledger, int number) {
			this.ledger = ledger;
			setName("numbers");
			setMaxItemCount(number);
		}

		@Override
		protected Integer doRead() {
			if (!this.open) {
				throw new ReaderNotOpenException("Closed under way");
			}
			return getCurrentItemCount();
		}

		@Override
		protected void doOpen() {
			this.open = true;
		}

		@Override
		protected void doClose() {
			if (this.open) {
				this.ledger.closed.incrementAndGet();
			}
			this.open = false;
		}

	}

	static class WaitingTasklet implements StoppableTasklet {

		private final Gate gate;

		private volatile boolean stopped;

		WaitingTasklet(Gate gate) {
			this.gate = gate;
		}

		@Override
		public RepeatStatus execute(StepContribution contribution, ChunkContext chunkContext) {
			CompletableFuture.runAsync(this.gate::passStubbornly);
			await().until(() -> this.stopped);
			return RepeatStatus.FINISHED;
		}

		@Override
		@SuppressWarnings("removal")
		public void stop() {
			throw new IllegalStateException("Which step?");
		}

		@Override
		public void stop(StepExecution stepExecution) {
			this.stopped = true;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ExecutorConfiguration {

		@Bean
		@BatchTaskExecutor
		TaskExecutor batchExecutor() {
			return new SimpleAsyncTaskExecutor("batch-");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class JobConfiguration {

		private final JobRepository repository;

		private final PlatformTransactionManager transactions;

		private final Ledger ledger;

		JobConfiguration(JobRepository repository, PlatformTransactionManager transactions, Ledger ledger) {
			this.repository = repository;
			this.transactions = transactions;
			this.ledger = ledger;
		}

		@Bean
		Job importJob(ItemStreamReader<Integer> numbers) {
			return new JobBuilder("importJob", this.repository).start(copy(numbers)).next(count("last")).build();
		}

		@Bean
		Job onceOnlyJob(ItemStreamReader<Integer> numbers) {
			return new JobBuilder("onceOnlyJob", this.repository).preventRestart().start(copy(numbers)).build();
		}

		@Bean
		Job endlessJob(ItemStreamReader<Integer> endless) {
			return new JobBuilder("endlessJob", this.repository).start(copy(endless)).build();
		}

		@Bean
		Job taskletJob() {
			Step first = step("first", (contribution, context) -> {
				this.ledger.pass();
				this.ledger.taskletRuns.incrementAndGet();
				return RepeatStatus.FINISHED;
			});
			return new JobBuilder("taskletJob", this.repository).start(first).next(count("second")).build();
		}

		@Bean
		Job stoppableJob() {
			return new JobBuilder("stoppableJob", this.repository)
				.start(step("waiting", new WaitingTasklet(this.ledger.gate)))
				.build();
		}

		@Bean
		Job slowListenerJob() {
			return new JobBuilder("slowListenerJob", this.repository).listener(new JobExecutionListener() {
				@Override
				public void afterJob(JobExecution jobExecution) {
					JobConfiguration.this.ledger.afterJob.run();
					throw new IllegalStateException("expected");
				}
			}).start(count("only")).build();
		}

		private Step copy(ItemStreamReader<Integer> reader) {
			return new StepBuilder("copy", this.repository).<Integer, Integer>chunk(2)
				.transactionManager(this.transactions)
				.reader(reader)
				.writer((chunk) -> this.ledger.write(chunk.getItems()))
				.build();
		}

		private Step count(String name) {
			return step(name, (contribution, context) -> {
				this.ledger.taskletRuns.incrementAndGet();
				return RepeatStatus.FINISHED;
			});
		}

		private Step step(String name, Tasklet tasklet) {
			return new StepBuilder(name, this.repository).tasklet(tasklet, this.transactions).build();
		}

		@Bean
		@StepScope
		NumberReader numbers() {
			return new NumberReader(this.ledger, ITEMS);
		}

		@Bean
		@StepScope
		NumberReader endless() {
			return new NumberReader(this.ledger, Integer.MAX_VALUE);
		}

	}

}
