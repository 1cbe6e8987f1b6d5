package io.github.gracefulshutdown.dbscheduler;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.autoconfigure.DbSchedulerDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import io.github.gracefulshutdown.job.GracePeriods;
import io.github.gracefulshutdown.job.InterruptsOfTheDrain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Answers;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.withSettings;

/**
 * The drain of the schedulers of db-scheduler.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class DbSchedulerDrainTests {

	private static final Duration SHORT = Duration.ofMillis(300);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
						GracefulShutdownAutoConfiguration.class, DbSchedulerDrainAutoConfiguration.class))
		.withBean(Gate.class)
		.withUserConfiguration(OneScheduler.class);

	@Test
	void anExecutionIsWaitedForAndThoseInTheQueueDoNotBegin() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			schedule(context, "stubborn", 3);
			gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(report).isNotDone();
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isOne();
			assertThat(context.getBean(DbSchedulerWorkload.class).describe(10)).singleElement()
				.extracting(WorkSnapshot::name)
				.asString()
				.startsWith("stubborn_");
			gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			context.close();
			assertThat(countRows(jdbc, "not picked")).isEqualTo(2);
			assertThat(gate.getArrived()).isOne();
			assertThat(gate.getInterrupts()).isZero();
		});
	}

	@Test
	void executionsThatWereFetchedBeginAfterStandbyOnly() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			schedule(context, "stubborn", 3);
			gate.awaitArrivals(1);
			shutdown.standBy("test");
			gate.open();
			await().until(() -> countRows(jdbc, "true") == 2);
			await().during(SHORT).until(() -> gate.getArrived() == 1);
			shutdown.resume();
			gate.awaitArrivals(3);
			await().until(() -> countRows(jdbc, "true") == 0);
		});
	}

	@Test
	void executionsThatAreBeingFetchedBeginAfterStandbyOnly() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			Gate answer = new Gate();
			AtomicInteger fetched = new AtomicInteger();
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			schedule(context, "stubborn", 3);
			gate.awaitArrivals(1);
			context.getBean(Scheduler.class).registerSchedulerListener(new AbstractSchedulerListener() {

				@Override
				public void onSchedulerEvent(SchedulerEventType type) {
					if (type == SchedulerEventType.RAN_EXECUTE_DUE) {
						fetched.incrementAndGet();
					}
				}

			});
			context.getBean(SlowDatabase.class).onFetch = answer::passStubbornly;
			answer.awaitArrivals(1);
			int before = fetched.get();
			shutdown.standBy("test");
			answer.open();
			await().until(() -> fetched.get() > before);
			gate.open();
			await().during(SHORT).until(() -> gate.getArrived() == 1);
			shutdown.resume();
			gate.awaitArrivals(3);
		});
	}

	@Test
	void aSchedulerThatRunsGetsNoListenerWhichItMightBeCalling() {
		Scheduler scheduler = mock(withSettings().defaultAnswer(Answers.RETURNS_DEEP_STUBS));
		new DrainedScheduler(scheduler);
		then(scheduler).should().registerSchedulerListener(any());
		given(scheduler.getSchedulerState().isStarted()).willReturn(true);
		new DrainedScheduler(scheduler);
		then(scheduler).should(times(1)).registerSchedulerListener(any());
	}

	@Test
	void aShutdownInStandbyWaitsForExecutions() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			schedule(context, "stubborn", 2);
			gate.awaitArrivals(1);
			context.getBean(GracefulShutdown.class).standBy("test");
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(report).isNotDone();
			gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(gate.getArrived()).isOne();
		});
	}

	@Test
	void aSchedulerThatTheApplicationHasPausedStaysSo() {
		this.contextRunner.run((context) -> {
			Scheduler scheduler = context.getBean(Scheduler.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			scheduler.pause();
			shutdown.standBy("test");
			shutdown.resume();
			assertThat(scheduler.getSchedulerState().isPaused()).isTrue();
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void anExecutionThatAsksWhetherTheSchedulerStopsEndsAsEarlyAsWithoutTheStarter(boolean enabled) {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=" + enabled).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			schedule(context, "polite", 1);
			gate.awaitArrivals(1);
			long begin = System.nanoTime();
			context.close();
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
			assertThat(gate.getInterrupts()).isZero();
		});
	}

	@Test
	void anExecutionIsInterruptedShortlyBeforeTheDeadlineAndRetriedLater() {
		this.contextRunner.withPropertyValues(GracePeriods.cancelledSoon()).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			schedule(context, "interruptible", 1);
			gate.awaitArrivals(1);
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(gate.getInterrupts()).isOne();
			assertThat(countRows(jdbc, "not picked and consecutive_failures = 1 and execution_time > now()")).isOne();
		});
	}

	@Test
	void anExecutionThatDoesNotEndIsNamedAndNotWaitedForAgain() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon()).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			schedule(context, "stubborn", 1);
			gate.awaitArrivals(1);
			DrainReport report = shutdown(context).join();
			assertThat(report.state()).isEqualTo(DrainState.EXPIRED);
			assertThat(report.abandoned()).singleElement().extracting(WorkSnapshot::workload).isEqualTo("db-scheduler");
			await().atMost(Gate.LIMIT.dividedBy(2)).until(() -> !context.getSourceApplicationContext().isActive());
			assertThat(gate.getInterrupts()).isPositive();
			gate.open();
		});
	}

	@Test
	void anExecutionIsNotInterruptedByTheDrainIfThatIsSwitchedOff() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon())
			.withPropertyValues("graceful-shutdown.jobs.interrupt=false")
			.withBean(InterruptsOfTheDrain.class)
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				InterruptsOfTheDrain interrupts = context.getBean(InterruptsOfTheDrain.class);
				schedule(context, "stubborn", 1);
				gate.awaitArrivals(1);
				assertThat(shutdown(context).join().state()).isEqualTo(DrainState.EXPIRED);
				assertThat(interrupts.getNumber()).isZero();
				gate.open();
			});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	@ExtendWith(OutputCaptureExtension.class)
	void aSchedulerIsStoppedOnceAsWithoutTheStarter(boolean enabled, CapturedOutput output) {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=" + enabled).run((context) -> {
			Scheduler scheduler = context.getBean(Scheduler.class);
			context.close();
			assertThat(scheduler.getSchedulerState().isShuttingDown()).isTrue();
			assertThat(output).containsOnlyOnce("Shutting down Scheduler").doesNotContain("Multiple calls to 'stop()'");
		});
	}

	@Test
	void aSchedulerWhoseBeanIsDestroyedIsStopped() {
		this.contextRunner.run((context) -> {
			Scheduler scheduler = context.getBean(Scheduler.class);
			((DefaultListableBeanFactory) context.getBeanFactory()).destroySingleton("scheduler");
			assertThat(scheduler.getSchedulerState().isShuttingDown()).isTrue();
		});
	}

	@Test
	void aSchedulerBehindAProxyOfItsClassIsStoppedWithItsBean() {
		this.contextRunner.withUserConfiguration(SubclassedScheduler.class).run((context) -> {
			Scheduler scheduler = context.getBean("subclassed", Scheduler.class);
			((DefaultListableBeanFactory) context.getBeanFactory()).destroySingleton("subclassed");
			assertThat(scheduler.getSchedulerState().isShuttingDown()).isTrue();
		});
	}

	@Test
	void codeThatIsGeneratedAheadOfTimeKeepsTheDestroyMethod() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.register(SubclassedScheduler.class, ApplicationAvailabilityAutoConfiguration.class,
					GracefulShutdownAutoConfiguration.class, DbSchedulerDrainAutoConfiguration.class);
			System.setProperty(AbstractAotProcessor.AOT_PROCESSING, "true");
			context.refreshForAotProcessing(new RuntimeHints());
			assertThat(context.getBeanFactory().getMergedBeanDefinition("subclassed").getDestroyMethodName())
				.isEqualTo("stop");
		}
		finally {
			System.clearProperty(AbstractAotProcessor.AOT_PROCESSING);
		}
	}

	@Test
	void severalSchedulersAreDrainedAlsoBehindAProxy() {
		this.contextRunner.withUserConfiguration(ProxiedScheduler.class).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			SchedulerClient proxied = context.getBean("proxied", SchedulerClient.class);
			assertThat(proxied).isNotInstanceOf(Scheduler.class);
			schedule(context, "stubborn", 1);
			schedule(proxied, "proxied", 1);
			gate.awaitArrivals(2);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isEqualTo(2);
			gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@Test
	void anExcludedSchedulerIsLeftAlone() {
		this.contextRunner.withPropertyValues("graceful-shutdown.jobs.exclude=scheduler").run((context) -> {
			Gate gate = context.getBean(Gate.class);
			schedule(context, "stubborn", 1);
			gate.awaitArrivals(1);
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isZero();
			context.getBean(GracefulShutdown.class).standBy("test");
			assertThat(context.getBean(Scheduler.class).getSchedulerState().isPaused()).isFalse();
			gate.open();
		});
	}

	@Test
	void anIdleSchedulerIsHardlyWaitedFor() {
		this.contextRunner
			.run((context) -> assertThat(shutdown(context).join().duration()).isLessThan(Duration.ofSeconds(5)));
	}

	private static void schedule(ApplicationContext context, String task, int number) {
		schedule(context.getBean("scheduler", Scheduler.class), task, number);
	}

	private static void schedule(SchedulerClient scheduler, String task, int number) {
		List<TaskInstance<?>> instances = List.of(new TaskInstance<>(task, "1"), new TaskInstance<>(task, "2"),
				new TaskInstance<>(task, "3"));
		scheduler.scheduleBatch(instances.subList(0, number), Instant.now());
	}

	private static int countRows(JdbcTemplate jdbc, String condition) {
		Integer rows = jdbc.queryForObject("select count(*) from scheduled_tasks where " + condition, Integer.class);
		return (rows != null) ? rows : -1;
	}

	private static void awaitDraining(AssertableApplicationContext context) {
		await().until(() -> context.getBean(GracefulShutdown.class).state() == DrainState.DRAINING);
	}

	private static CompletableFuture<DrainReport> shutdown(AssertableApplicationContext context) {
		return context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture();
	}

	private static Scheduler start(DataSource dataSource, OneTimeTask<?>... tasks) {
		Scheduler scheduler = create(dataSource, tasks);
		scheduler.start();
		return scheduler;
	}

	private static Scheduler create(DataSource dataSource, OneTimeTask<?>... tasks) {
		return Scheduler.create(dataSource, tasks).threads(1).pollingInterval(Duration.ofMillis(50)).build();
	}

	@Configuration(proxyBeanMethods = false)
	static class OneScheduler {

		/**
		 * Outlives the context.
		 */
		@Bean
		SlowDatabase dataSource() {
			SlowDatabase database = new SlowDatabase();
			new JdbcTemplate(database).execute("""
					create table scheduled_tasks (
						task_name varchar(100),
						task_instance varchar(100),
						task_data blob,
						execution_time timestamp with time zone,
						picked boolean,
						picked_by varchar(50),
						last_success timestamp with time zone,
						last_failure timestamp with time zone,
						consecutive_failures int,
						last_heartbeat timestamp with time zone,
						version bigint,
						priority smallint,
						primary key (task_name, task_instance)
					)""");
			return database;
		}

		@Bean
		JdbcTemplate jdbc(DataSource dataSource) {
			return new JdbcTemplate(dataSource);
		}

		@Bean(destroyMethod = "stop")
		Scheduler scheduler(DataSource dataSource, Gate gate) {
			return create(dataSource, Tasks.oneTime("stubborn").execute((instance, context) -> gate.passStubbornly()),
					Tasks.oneTime("interruptible").execute((instance, context) -> pass(gate)),
					Tasks.oneTime("polite").execute((instance, context) -> awaitStop(gate, context)));
		}

		/**
		 * As the starter of db-scheduler does it.
		 */
		@Bean
		InitializingBean starter(@Qualifier("scheduler") Scheduler scheduler) {
			return scheduler::start;
		}

		private static void pass(Gate gate) {
			try {
				gate.pass();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private static void awaitStop(Gate gate, ExecutionContext context) {
			gate.open();
			pass(gate);
			while (!context.getSchedulerState().isShuttingDown() && !Thread.interrupted()) {
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
			}
		}

	}

	/**
	 * A database that may take its time.
	 */
	static class SlowDatabase extends DelegatingDataSource {

		private volatile Runnable onFetch = () -> {
		};

		SlowDatabase() {
			super(new DriverManagerDataSource("jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID())));
		}

		@Override
		public Connection getConnection() throws SQLException {
			if (Thread.currentThread().getName().startsWith("db-scheduler-execute-due")) {
				this.onFetch.run();
			}
			return super.getConnection();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ProxiedScheduler {

		@Bean
		SchedulerClient proxied(DataSource dataSource, Gate gate) {
			ProxyFactory proxy = new ProxyFactory(
					start(dataSource, Tasks.oneTime("proxied").execute((instance, context) -> gate.passStubbornly())));
			proxy.setProxyTargetClass(false);
			return (SchedulerClient) proxy.getProxy();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SubclassedScheduler {

		@Bean(destroyMethod = "stop")
		Scheduler subclassed(DataSource dataSource) {
			ProxyFactory proxy = new ProxyFactory(
					start(dataSource, Tasks.oneTime("subclassed").execute((instance, context) -> {
					})));
			proxy.setProxyTargetClass(true);
			return (Scheduler) proxy.getProxy();
		}

	}

}
