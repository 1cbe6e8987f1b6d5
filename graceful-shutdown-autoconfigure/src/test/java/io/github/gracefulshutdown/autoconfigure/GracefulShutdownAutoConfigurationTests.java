package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.batch.BatchWorkload;
import io.github.gracefulshutdown.dbscheduler.DbSchedulerWorkload;
import io.github.gracefulshutdown.drain.DrainPlan;
import io.github.gracefulshutdown.drain.Workloads;
import io.github.gracefulshutdown.executor.PoolWorkload;
import io.github.gracefulshutdown.executor.ScheduleWorkload;
import io.github.gracefulshutdown.executor.TaskWorkload;
import io.github.gracefulshutdown.intake.CamelWorkload;
import io.github.gracefulshutdown.intake.IntakeWorkload;
import io.github.gracefulshutdown.intake.OtherLifecycleWorkload;
import io.github.gracefulshutdown.intake.ServerWorkload;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.JobWorkload;
import io.github.gracefulshutdown.jobrunr.JobRunrWorkload;
import io.github.gracefulshutdown.quartz.QuartzWorkload;
import io.github.gracefulshutdown.web.RequestWorkload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link GracefulShutdownAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class GracefulShutdownAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	private final WebApplicationContextRunner webContextRunner = new WebApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void applicationIsRunningUntilItIsStopped() {
		this.contextRunner.run((context) -> {
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			assertThat(shutdown.state()).isEqualTo(DrainState.RUNNING);
			assertThat(shutdown.remaining()).isNull();
			assertThat(shutdown.inFlight()).isZero();
		});
	}

	@Test
	void workloadsAreReportedWithRequestsFirst() {
		this.webContextRunner.withBean(DrainRecorder.class)
			.run((context) -> assertThat(context.getBean(Workloads.class).all()).containsExactly(
					context.getBean(RequestWorkload.class), context.getBean(JobWorkload.class),
					context.getBean(TaskWorkload.class), context.getBean(ScheduleWorkload.class),
					context.getBean(QuartzWorkload.class), context.getBean(DbSchedulerWorkload.class),
					context.getBean(JobRunrWorkload.class), context.getBean(BatchWorkload.class),
					context.getBean(IntakeWorkload.class), context.getBean(ServerWorkload.class),
					context.getBean(OtherLifecycleWorkload.class), context.getBean(CamelWorkload.class),
					context.getBean(DrainRecorder.class), context.getBean(PoolWorkload.class)));
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void warnsOfExcludedBeansThatDoNotExist(CapturedOutput output) {
		this.contextRunner.withBean(DrainRecorder.class)
			.withPropertyValues("graceful-shutdown.jobs.exclude=drainLifecycle,one",
					"graceful-shutdown.intake.exclude=drainLifecycle,two", "graceful-shutdown.intake.include=three")
			.run((context) -> assertThat(output)
				.contains("graceful-shutdown.jobs.exclude names 'one', but there is no such bean",
						"graceful-shutdown.intake.exclude names 'two', but there is no such bean",
						"graceful-shutdown.intake.include names 'three', but there is no such bean")
				.doesNotContain("names 'drainLifecycle'"));
	}

	@Test
	void applicationCanDefineItsOwnPlan() {
		DrainPlan own = new DrainPlan(Duration.ofSeconds(7), Duration.ZERO, Duration.ZERO, Duration.ZERO,
				Duration.ofSeconds(1));
		this.contextRunner.withBean(DrainPlan.class, () -> own)
			.run((context) -> assertThat(context).getBean(DrainPlan.class).isSameAs(own));
		this.contextRunner.withBean(DrainPlan.class, () -> own)
			.run((parent) -> this.contextRunner.withParent(parent)
				.run((child) -> assertThat(child.getBean(DrainPlan.class)).isNotSameAs(own)));
	}

	@Test
	void applicationCanHaveBeansWithTheNamesOfOurTypes() {
		this.webContextRunner.withUserConfiguration(NamesakeConfiguration.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(GracefulShutdown.class)
				.hasSingleBean(BackgroundJobs.class)
				.hasSingleBean(JobWorkload.class));
	}

	@Test
	void namesOfOurBeansBeginWithDrain() {
		this.webContextRunner.run((context) -> assertThat(context.getBeanFactory().getBeanDefinitionNames())
			.filteredOn((name) -> isOurBeanMethod(context.getBeanFactory().getBeanDefinition(name)))
			.hasSizeGreaterThan(20)
			.allMatch((name) -> name.startsWith("drain")));
	}

	private static boolean isOurBeanMethod(BeanDefinition definition) {
		return definition instanceof AnnotatedBeanDefinition annotated && annotated.getFactoryMethodMetadata() != null
				&& annotated.getFactoryMethodMetadata()
					.getDeclaringClassName()
					.startsWith(DrainApplication.PACKAGE + ".autoconfigure");
	}

	@Test
	void hasNoBeansWhenDisabled() {
		this.webContextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context.getBeanDefinitionNames())
				.filteredOn((name) -> String.valueOf(context.getType(name)).contains(DrainApplication.PACKAGE))
				.isEmpty());
		this.webContextRunner.run((context) -> assertThat(context.getBeanDefinitionNames())
			.filteredOn((name) -> String.valueOf(context.getType(name)).contains(DrainApplication.PACKAGE))
			.hasSizeGreaterThan(10));
	}

	@Test
	void closingTheContextDrainsWorkloadsThatInjectTheShutdown() {
		this.contextRunner.withBean(DrainRecorder.class).run((context) -> {
			DrainRecorder recorder = context.getBean(DrainRecorder.class);
			assertThat(recorder.getShutdown()).isSameAs(context.getBean(GracefulShutdown.class));
			context.close();
			assertDrainedOnce(recorder);
		});
	}

	@Test
	void lazyInitializationDrains() {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		DrainRecorder recorder;
		try (ConfigurableApplicationContext context = application.run("--spring.main.lazy-initialization=true")) {
			assertThat(context.getBeanFactory().getBeanDefinition("drainLifecycle").isLazyInit()).isTrue();
			recorder = context.getBean(DrainRecorder.class);
		}
		assertDrainedOnce(recorder);
	}

	@Test
	void lazyInitializationCreatesWorkloadsBeforeTheContextIsClosed() {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		try (ConfigurableApplicationContext context = application.run("--spring.main.lazy-initialization=true")) {
			assertThat(context.getBeanFactory().containsSingleton("recorder")).isTrue();
		}
	}

	@Test
	void pauseDrainsNothing() {
		this.contextRunner.withBean(DrainRecorder.class).run((context) -> {
			DrainRecorder recorder = context.getBean(DrainRecorder.class);
			context.pause();
			assertNotDrained(recorder);
			context.restart();
			context.close();
			assertDrainedOnce(recorder);
		});
	}

	@Test
	void stopDrainsNothing() {
		this.contextRunner.withBean(DrainRecorder.class).run((context) -> {
			DrainRecorder recorder = context.getBean(DrainRecorder.class);
			context.stop();
			assertNotDrained(recorder);
			context.start();
			assertNotDrained(recorder);
			context.close();
			assertDrainedOnce(recorder);
		});
	}

	@Test
	void stoppedContextDrainsWhenItIsClosed() {
		this.contextRunner.withBean(DrainRecorder.class).run((context) -> {
			DrainRecorder recorder = context.getBean(DrainRecorder.class);
			context.stop();
			context.close();
			assertDrainedOnce(recorder);
		});
	}

	@Test
	void childContextDrainsItsOwnWork() {
		this.contextRunner.withBean(DrainRecorder.class)
			.run((parent) -> this.contextRunner.withParent(parent)
				.withBean("childRecorder", DrainRecorder.class)
				.run((child) -> {
					DrainRecorder recorder = child.getBean("childRecorder", DrainRecorder.class);
					GracefulShutdown parentShutdown = parent.getBean(GracefulShutdown.class);
					assertThat(recorder.getShutdown()).isNotSameAs(parentShutdown);
					child.close();
					assertDrainedOnce(recorder);
					assertThat(parentShutdown.state()).isEqualTo(DrainState.RUNNING);
					assertThat(parentShutdown.inFlight()).isOne();
				}));
	}

	@Test
	void parentContextDoesNotCountTheWorkOfItsChild() {
		this.contextRunner.withBean(DrainRecorder.class)
			.run((parent) -> this.contextRunner.withParent(parent)
				.run((child) -> assertThat(child.getBean(Workloads.class).all()).containsExactly(
						child.getBean(JobWorkload.class), child.getBean(TaskWorkload.class),
						child.getBean(ScheduleWorkload.class), child.getBean(QuartzWorkload.class),
						child.getBean(DbSchedulerWorkload.class), child.getBean(JobRunrWorkload.class),
						child.getBean(BatchWorkload.class), child.getBean(IntakeWorkload.class),
						child.getBean(ServerWorkload.class), child.getBean(OtherLifecycleWorkload.class),
						child.getBean(CamelWorkload.class), child.getBean(PoolWorkload.class))));
	}

	private static void assertNotDrained(DrainRecorder recorder) {
		assertThat(recorder.getReports()).isEmpty();
		assertThat(recorder.getInFlight()).isOne();
		assertThat(recorder.getShutdown().state()).isEqualTo(DrainState.RUNNING);
	}

	private static void assertDrainedOnce(DrainRecorder recorder) {
		assertThat(recorder.getReports()).singleElement().satisfies((report) -> {
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			assertThat(report.remaining()).isPositive();
			assertThat(report.workloads()).filteredOn((workload) -> workload.name().equals("pollers"))
				.singleElement()
				.satisfies((workload) -> assertThat(workload.atSignal()).isOne());
		});
		assertThat(recorder.getShutdown().state()).isEqualTo(DrainState.DRAINED);
	}

	@Configuration(proxyBeanMethods = false)
	static class NamesakeConfiguration {

		@Bean
		String gracefulShutdown() {
			return "the application's own";
		}

		@Bean
		String backgroundJobs() {
			return "the application's own";
		}

		@Bean
		String jobWorkload() {
			return "the application's own";
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ ApplicationAvailabilityAutoConfiguration.class,
			GracefulShutdownAutoConfiguration.class })
	static class Application {

		@Bean
		DrainRecorder recorder(GracefulShutdown shutdown) {
			return new DrainRecorder(shutdown);
		}

	}

}
