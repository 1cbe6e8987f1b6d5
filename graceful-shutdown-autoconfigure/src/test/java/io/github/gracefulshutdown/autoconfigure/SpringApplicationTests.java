package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.JobHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for whole applications that start and stop with the auto-configuration.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class SpringApplicationTests {

	private static final List<DrainReport> reports = new CopyOnWriteArrayList<>();

	SpringApplicationTests() {
		reports.clear();
	}

	@Test
	void twoApplicationsInOneJvmAreDrainedEachByItself() {
		ConfigurableApplicationContext first = run();
		ConfigurableApplicationContext second = run();
		first.close();
		assertThat(second.getBean(GracefulShutdown.class).state()).isEqualTo(DrainState.RUNNING);
		assertThat(reports).hasSize(1);
		second.close();
		assertThat(reports).hasSize(2)
			.allSatisfy((report) -> assertThat(report.duration()).isLessThan(Duration.ofSeconds(10)));
	}

	@Test
	void anApplicationThatIsClosedBeforeItIsReadyIsDrained() {
		SpringApplication application = application().build();
		application.addListeners(
				(ApplicationListener<ApplicationStartedEvent>) (event) -> event.getApplicationContext().close());
		assertThat(application.run().isActive()).isFalse();
		assertThat(reports).hasSize(1);
	}

	@Test
	void parentAndChildAreBothDrainedWhenTheParentIsClosed() {
		ConfigurableApplicationContext child = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.child(Application.class)
			.run();
		((ConfigurableApplicationContext) Objects.requireNonNull(child.getParent())).close();
		assertThat(child.isActive()).isFalse();
		assertThat(reports).hasSize(2).allSatisfy((report) -> assertThat(report.state()).isEqualTo(DrainState.DRAINED));
	}

	@Test
	void aLoopThatARunnerStartsDoesNotHoldUpTheClosingOfTheContext() {
		SpringApplication application = application().build();
		application.addInitializers(
				(context) -> ((GenericApplicationContext) context).registerBean("loop", ApplicationRunner.class,
						() -> (arguments) -> context.getBean(BackgroundJobs.class).start("loop", () -> {
							new CountDownLatch(1).await();
							return true;
						})));
		application.run().close();
		assertThat(reports).singleElement().satisfies((report) -> {
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			assertThat(report.duration()).isLessThan(Duration.ofSeconds(15));
		});
	}

	@Test
	void aChildWithoutAWebServerDoesNotTakeItsParentOutOfService() {
		ConfigurableApplicationContext child = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.child(Application.class)
			.web(WebApplicationType.NONE)
			.run();
		ConfigurableApplicationContext parent = (ConfigurableApplicationContext) Objects
			.requireNonNull(child.getParent());
		ApplicationAvailability availability = parent.getBean(ApplicationAvailability.class);
		child.close();
		assertThat(availability.getReadinessState()).isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);
		parent.close();
		assertThat(availability.getReadinessState()).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
	}

	@Test
	void withoutAWebServerReadinessIsRefusedToo() {
		ConfigurableApplicationContext context = run();
		ApplicationAvailability availability = context.getBean(ApplicationAvailability.class);
		assertThat(availability.getReadinessState()).isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);
		context.close();
		assertThat(availability.getReadinessState()).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
	}

	@Test
	void anApplicationThatBecomesReadyDuringTheDrainRefusesTraffic() {
		SpringApplication application = application().build();
		CompletableFuture<JobHandle> job = new CompletableFuture<>();
		application.addListeners((ApplicationListener<ApplicationStartedEvent>) (event) -> {
			ConfigurableApplicationContext context = event.getApplicationContext();
			job.complete(context.getBean(BackgroundJobs.class).track("runner"));
			context.getBean(GracefulShutdown.class).shutdown("test");
			await().until(() -> context.getBean(GracefulShutdown.class).state() == DrainState.DRAINING);
		});
		ConfigurableApplicationContext context = application.run();
		ApplicationAvailability availability = context.getBean(ApplicationAvailability.class);
		assertThat(availability.getReadinessState()).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
		job.join().close();
		await().until(() -> !context.isActive());
	}

	@Test
	void remainingThreadsAreNoConcernOfAContextThatIsOnlyClosed() {
		ConfigurableApplicationContext context = run();
		Set<Thread> before = Thread.getAllStackTraces().keySet();
		context.close();
		assertThat(Thread.getAllStackTraces().keySet()).filteredOn((thread) -> !before.contains(thread))
			.extracting(Thread::getName)
			.doesNotContain("drain-remaining-threads");
	}

	private static ConfigurableApplicationContext run() {
		return application().run();
	}

	private static SpringApplicationBuilder application() {
		// Its runner cannot be created once the context is closed
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("spring.batch.job.enabled=false");
	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Application {

		@EventListener
		void drained(DrainCompletedEvent event) {
			reports.add(event.report());
		}

	}

}
