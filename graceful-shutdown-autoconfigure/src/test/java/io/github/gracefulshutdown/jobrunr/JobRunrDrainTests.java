package io.github.gracefulshutdown.jobrunr;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.JobRunrDrainAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import io.github.gracefulshutdown.job.GracePeriods;
import io.github.gracefulshutdown.job.InterruptsOfTheDrain;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.mappers.JobMapper;
import org.jobrunr.jobs.states.StateName;
import org.jobrunr.scheduling.JobScheduler;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.server.jmx.BackgroundJobServerMBean;
import org.jobrunr.storage.InMemoryStorageProvider;
import org.jobrunr.storage.StorageProvider;
import org.jobrunr.storage.navigation.AmountRequest;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.StaticApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of the job servers of JobRunr.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class JobRunrDrainTests {

	private static final Duration SHORT = Duration.ofMillis(500);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
						GracefulShutdownAutoConfiguration.class, JobRunrDrainAutoConfiguration.class))
		.withBean(Gate.class)
		.withBean(Worker.class)
		.withUserConfiguration(OneServer.class);

	@Test
	void aJobIsWaitedForAndThoseInTheQueueDoNotBegin() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			StorageProvider storage = context.getBean(StorageProvider.class);
			enqueueStubborn(context, 3);
			gate.awaitArrivals(1);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(report).isNotDone();
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isOne();
			assertThat(context.getBean(JobRunrWorkload.class).describe(10)).singleElement()
				.extracting(WorkSnapshot::name)
				.asString()
				.contains("Worker.workStubbornly()");
			await().during(SHORT).until(() -> !report.isDone());
			gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			context.close();
			assertThat(count(storage, StateName.SUCCEEDED)).isOne();
			assertThat(count(storage, StateName.ENQUEUED)).isEqualTo(2);
			assertThat(gate.getInterrupts()).isZero();
		});
	}

	@Test
	void withoutTheStarterAJobIsInterrupted() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false").run((context) -> {
			Gate gate = context.getBean(Gate.class);
			StorageProvider storage = context.getBean(StorageProvider.class);
			enqueueStubborn(context, 1);
			gate.awaitArrivals(1);
			context.close();
			assertThat(count(storage, StateName.SUCCEEDED)).isZero();
			assertThat(gate.getInterrupts()).isOne();
			gate.open();
		});
	}

	@Test
	void jobsBeginAgainAfterStandby() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			StorageProvider storage = context.getBean(StorageProvider.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			enqueueStubborn(context, 3);
			gate.awaitArrivals(1);
			shutdown.standBy("test");
			gate.open();
			await().until(() -> count(storage, StateName.SUCCEEDED) == 1);
			await().during(SHORT).until(() -> gate.getArrived() == 1);
			shutdown.resume();
			await().until(() -> count(storage, StateName.SUCCEEDED) == 3);
			await().until(() -> shutdown.inFlight() == 0);
		});
	}

	@Test
	void aLookForJobsThatHangsAfterStandbyDoesNotHoldUpAShutdown() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			Gate answer = new Gate();
			JobRunrWorkload workload = context.getBean(JobRunrWorkload.class);
			workload.stopAccepting();
			context.getBean(Storage.class).onLook = answer::passStubbornly;
			CompletableFuture<Void> resumed = CompletableFuture.runAsync(workload::resumeAccepting);
			answer.awaitArrivals(1);
			assertThat(CompletableFuture.runAsync(workload::stopAccepting)).succeedsWithin(Duration.ofSeconds(10));
			assertThat(workload.isIdle()).isFalse();
			answer.open();
			resumed.join();
			enqueueStubborn(context, 1);
			await().until(workload::isIdle);
			assertThat(gate.getArrived()).isZero();
			workload.resumeAccepting();
			gate.awaitArrivals(1);
			gate.open();
		});
	}

	@Test
	void aLookForJobsThatHangsIsNotWaitedForUntilTheDeadline() {
		this.contextRunner.run((context) -> {
			Gate answer = new Gate();
			context.getBean(Storage.class).onLook = answer::passStubbornly;
			answer.awaitArrivals(1);
			DrainReport report = shutdown(context).join();
			answer.open();
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			assertThat(report.duration()).isLessThan(Duration.ofSeconds(20));
		});
	}

	@Test
	void aServerThatTheApplicationHasPausedStaysSo() {
		this.contextRunner.run((context) -> {
			BackgroundJobServer server = context.getBean(BackgroundJobServer.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			server.pauseProcessing();
			shutdown.standBy("test");
			shutdown.resume();
			assertThat(server.isRunning()).isFalse();
			assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@Test
	void aJobIsInterruptedShortlyBeforeTheDeadlineAndRetriedLater() {
		this.contextRunner.withPropertyValues(GracePeriods.cancelledSoon()).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			StorageProvider storage = context.getBean(StorageProvider.class);
			context.getBean(JobScheduler.class).<Worker>enqueue((worker) -> worker.work());
			gate.awaitArrivals(1);
			DrainReport report = shutdown(context).join();
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			assertThat(gate.getInterrupts()).isOne();
			assertThat(count(storage, StateName.SCHEDULED)).isOne();
		});
	}

	@Test
	void aJobThatDoesNotEndIsNamed() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon()).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			enqueueStubborn(context, 1);
			gate.awaitArrivals(1);
			DrainReport report = shutdown(context).join();
			assertThat(report.state()).isEqualTo(DrainState.EXPIRED);
			assertThat(report.abandoned()).singleElement()
				.satisfies((job) -> assertThat(job.stack().toString()).contains("workStubbornly"));
			gate.open();
		});
	}

	@Test
	void aJobIsNotInterruptedByTheDrainIfThatIsSwitchedOff() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon())
			.withPropertyValues("graceful-shutdown.jobs.interrupt=false")
			.withBean(InterruptsOfTheDrain.class)
			.run((context) -> {
				Gate gate = context.getBean(Gate.class);
				InterruptsOfTheDrain interrupts = context.getBean(InterruptsOfTheDrain.class);
				enqueueStubborn(context, 1);
				gate.awaitArrivals(1);
				shutdown(context).join();
				assertThat(interrupts.getNumber()).isZero();
				gate.open();
			});
	}

	@Test
	void severalServersAreDrainedAlsoBehindAProxy() {
		this.contextRunner.withUserConfiguration(ProxiedServer.class).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			assertThat(context.getBean("proxied")).isNotInstanceOf(BackgroundJobServer.class);
			enqueueStubborn(context, 3);
			gate.awaitArrivals(2);
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isEqualTo(2);
			gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(gate.getArrived()).isEqualTo(2);
		});
	}

	@Test
	void anExcludedServerIsLeftAlone() {
		this.contextRunner.withPropertyValues("graceful-shutdown.jobs.exclude=server").run((context) -> {
			Gate gate = context.getBean(Gate.class);
			enqueueStubborn(context, 1);
			gate.awaitArrivals(1);
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isZero();
			gate.open();
		});
	}

	@Test
	void aJobThatIsPickedAtTheSignalIsWaitedFor() {
		this.contextRunner.withBean(InterruptsOfTheDrain.class).run((context) -> {
			Gate gate = context.getBean(Gate.class);
			InterruptsOfTheDrain interrupts = context.getBean(InterruptsOfTheDrain.class);
			Storage storage = context.getBean(Storage.class);
			CountDownLatch found = new CountDownLatch(1);
			Gate answer = new Gate();
			storage.onFound = () -> {
				found.countDown();
				answer.passStubbornly();
			};
			enqueueStubborn(context, 1);
			assertThat(found.await(30, TimeUnit.SECONDS)).isTrue();
			CompletableFuture<DrainReport> report = shutdown(context);
			awaitDraining(context);
			await().during(SHORT).until(() -> !report.isDone());
			answer.open();
			gate.awaitArrivals(1);
			assertThat(report).isNotDone();
			gate.open();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(interrupts.getNumber()).isZero();
			context.close();
			assertThat(count(storage, StateName.SUCCEEDED)).isOne();
		});
	}

	@Test
	void aJobWhoseWorkerBeginsLateIsWaitedFor() {
		AtomicLong clock = new AtomicLong();
		BackgroundJobServer server = create(new InMemoryStorageProvider(), new StaticApplicationContext());
		JobRunrWorkload workload = new JobRunrWorkload(true, clock::get, InstantSource.system());
		workload.add(server);
		assertThat(workload.isIdle()).isTrue();
		workload.stopAccepting();
		assertThat(workload.isIdle()).isFalse();
		server.getJobSteward().notifyThreadOccupied();
		clock.addAndGet(Duration.ofMillis(150).toNanos());
		assertThat(workload.isIdle()).isFalse();
		server.getJobSteward().notifyThreadIdle();
		assertThat(workload.isIdle()).isFalse();
		clock.addAndGet(Duration.ofMillis(150).toNanos());
		assertThat(workload.isIdle()).isTrue();
	}

	@Test
	void noJobThatBeginsAtTheSignalIsInterrupted() {
		for (int round = 0; round < 10; round++) {
			int early = round % 5;
			this.contextRunner.run((context) -> {
				StorageProvider storage = context.getBean(StorageProvider.class);
				Worker worker = context.getBean(Worker.class);
				JobScheduler scheduler = context.getBean(JobScheduler.class);
				for (int i = 0; i < 50; i++) {
					scheduler.<Worker>enqueue((bean) -> bean.workShortly());
				}
				await().pollInterval(Duration.ofMillis(1)).until(() -> worker.begun.get() > early);
				assertThat(shutdown(context).join().state()).isEqualTo(DrainState.DRAINED);
				context.close();
				assertThat(worker.ended).hasValue(worker.begun.get());
				assertThat(count(storage, StateName.SUCCEEDED)).isEqualTo(worker.begun.get());
			});
		}
	}

	@Test
	void anIdleServerIsHardlyWaitedFor() {
		this.contextRunner
			.run((context) -> assertThat(shutdown(context).join().duration()).isLessThan(Duration.ofSeconds(5)));
	}

	private static void enqueueStubborn(ApplicationContext context, int number) {
		JobScheduler scheduler = context.getBean(JobScheduler.class);
		for (int i = 0; i < number; i++) {
			scheduler.<Worker>enqueue((worker) -> worker.workStubbornly());
		}
	}

	private static long count(StorageProvider storage, StateName state) {
		return storage.countJobs(state);
	}

	private static void awaitDraining(AssertableApplicationContext context) {
		await().until(() -> context.getBean(GracefulShutdown.class).state() == DrainState.DRAINING);
	}

	private static CompletableFuture<DrainReport> shutdown(AssertableApplicationContext context) {
		return context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture();
	}

	private static BackgroundJobServer start(StorageProvider storage, ApplicationContext context) {
		BackgroundJobServer server = create(storage, context);
		server.start();
		return server;
	}

	private static BackgroundJobServer create(StorageProvider storage, ApplicationContext context) {
		return new BackgroundJobServer(storage, new Jackson3JsonMapper(), context::getBean,
				BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
					.andPollInterval(Duration.ofMillis(200))
					.andWorkerCount(1)
					// No job is orphaned on a busy machine
					.andServerTimeoutPollIntervalMultiplicand(1000)
					// Interrupts at once
					.andInterruptJobsAwaitDurationOnStopBackgroundJobServer(Duration.ZERO));
	}

	/**
	 * As the starter of JobRunr does it.
	 */
	@Configuration(proxyBeanMethods = false)
	static class OneServer {

		/**
		 * Outlives the context.
		 */
		@Bean(destroyMethod = "")
		Storage storage() {
			Storage storage = new Storage();
			storage.setJobMapper(new JobMapper(new Jackson3JsonMapper()));
			return storage;
		}

		@Bean
		JobScheduler scheduler(StorageProvider storage) {
			return new JobScheduler(storage);
		}

		@Bean(destroyMethod = "stop")
		BackgroundJobServer server(StorageProvider storage, ApplicationContext context) {
			return start(storage, context);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ProxiedServer {

		@Bean(destroyMethod = "stop")
		BackgroundJobServerMBean proxied(StorageProvider storage, ApplicationContext context) {
			ProxyFactory proxy = new ProxyFactory(start(storage, context));
			proxy.setProxyTargetClass(false);
			return (BackgroundJobServerMBean) proxy.getProxy();
		}

	}

	/**
	 * A storage that may take its time.
	 */
	static class Storage extends InMemoryStorageProvider {

		private volatile Runnable onLook = () -> {
		};

		private volatile Runnable onFound = () -> {
		};

		@Override
		public List<Job> getJobsToProcess(BackgroundJobServer server, AmountRequest request) {
			this.onLook.run();
			List<Job> jobs = super.getJobsToProcess(server, request);
			if (!jobs.isEmpty()) {
				this.onFound.run();
			}
			return jobs;
		}

	}

	/**
	 * Jobs of JobRunr are public methods.
	 */
	public static class Worker {

		private final AtomicInteger begun = new AtomicInteger();

		private final AtomicInteger ended = new AtomicInteger();

		private final Gate gate;

		Worker(Gate gate) {
			this.gate = gate;
		}

		public void work() throws InterruptedException {
			this.gate.pass();
		}

		public void workStubbornly() {
			this.gate.passStubbornly();
		}

		public void workShortly() throws InterruptedException {
			this.begun.incrementAndGet();
			assertThat(new CountDownLatch(1).await(5, TimeUnit.MILLISECONDS)).isFalse();
			this.ended.incrementAndGet();
		}

	}

}
