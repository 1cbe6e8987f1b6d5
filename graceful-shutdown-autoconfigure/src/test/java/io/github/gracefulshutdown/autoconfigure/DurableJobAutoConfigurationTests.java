package io.github.gracefulshutdown.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.actuate.DurableJobsEndpoint;
import io.github.gracefulshutdown.durable.DurableEngine;
import io.github.gracefulshutdown.durable.DurableJob;
import io.github.gracefulshutdown.durable.DurableJobState;
import io.github.gracefulshutdown.durable.DurableJobs;
import io.github.gracefulshutdown.durable.InvalidDurableJobException;
import io.github.gracefulshutdown.durable.JobId;
import io.github.gracefulshutdown.metrics.DurableJobMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.web.WebEndpointsSupplier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.AbstractDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link DurableJobAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class DurableJobAutoConfigurationTests {

	@TempDir
	private Path directory;

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(AopAutoConfiguration.class, ApplicationAvailabilityAutoConfiguration.class,
					LifecycleAutoConfiguration.class, GracefulShutdownAutoConfiguration.class,
					BackgroundJobAutoConfiguration.class, DurableJobAutoConfiguration.class));

	private final ApplicationContextRunner enabled = this.runner
		.withPropertyValues("graceful-shutdown.durable.enabled=true");

	private String file() {
		return "graceful-shutdown.durable.file=" + this.directory.resolve("sub/jobs.db");
	}

	@Test
	void withoutTheStarterThereAreNoBeans() {
		this.runner.run((context) -> assertThat(context.getBeanDefinitionNames()).isNotEmpty()
			.extracting((name) -> String.valueOf(context.getType(name)))
			.noneMatch((type) -> type.contains("Durable")));
	}

	@Test
	void theStarterSwitchesThemOn() {
		this.runner.withClassLoader(new FilteredClassLoader(new Class<?>[0]) {

			@Override
			public java.net.@Nullable URL getResource(String name) {
				return super.getResource(name.equals(OnDurableJobs.MARKER) ? "META-INF/spring.factories" : name);
			}

		}).run((context) -> assertThat(context).hasSingleBean(DurableJobs.class));
	}

	@Test
	void withoutALibraryThereAreNoBeans() {
		this.enabled.withClassLoader(new FilteredClassLoader(JdbcTemplate.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DurableJobs.class));
		this.enabled.withClassLoader(new FilteredClassLoader(JsonMapper.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DurableJobs.class));
	}

	@Test
	void theMasterSwitchDisablesThem() {
		this.enabled.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(DurableJobs.class));
	}

	@Test
	void anApplicationWithoutDurableJobsPaysNothing() {
		this.enabled.withBean(DataSource.class, UntouchableDataSource::new).run((context) -> {
			assertThat(context).hasNotFailed();
			Set<Thread> before = Thread.getAllStackTraces().keySet();
			AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
			assertThat(Thread.getAllStackTraces().keySet()).filteredOn((thread) -> !before.contains(thread))
				.extracting(Thread::getName)
				.noneMatch((name) -> name.startsWith("durable"));
		});
		assertThat(Path.of("durable-jobs.db")).doesNotExist();
	}

	@Test
	void aDurableJobWithoutTheStarterKeepsTheApplicationFromStarting() {
		this.runner.withBean("jobs", Jobs.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidDurableJobException.class)
				.hasMessageContaining("of bean 'jobs' cannot be a @DurableJob: "
						+ "graceful-shutdown-durable-starter is not on the classpath."));
	}

	@Test
	void withoutADataSourceThereIsAFile() {
		this.enabled.withBean(Jobs.class).withPropertyValues(file()).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(DataSource.class);
			assertThat(this.directory.resolve("sub/jobs.db")).exists();
			context.getBean(Jobs.class).job("stored");
			assertThat(context.getBean(Jobs.class).done()).isEmpty();
		});
	}

	@Test
	void aPlatformWithoutALastingDiskNeedsADataSource() {
		this.enabled.withBean(Jobs.class)
			.withPropertyValues("spring.main.cloud-platform=heroku")
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidDurableJobException.class)
				.hasMessageContaining("the disk of Heroku does not outlive an instance"));
		this.enabled.withBean(Jobs.class)
			.withPropertyValues("spring.main.cloud-platform=heroku", file())
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(Path.of("durable-jobs.db")).doesNotExist();
	}

	@Test
	void anUnsupportedDatabaseIsRefused() {
		String url = "jdbc:h2:file:" + this.directory.resolve("file");
		this.enabled.withBean(Jobs.class)
			.withBean(DataSource.class, () -> dataSource(url))
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidDurableJobException.class)
				.hasMessageContaining("H2 (jdbc:h2:file:...)")
				.hasMessageNotContaining(this.directory.toString()));
	}

	@Test
	void eachConnectionOfSqliteInMemoryWouldHaveItsOwnJobs() {
		this.enabled.withBean(Jobs.class)
			.withBean(DataSource.class, () -> dataSource("jdbc:sqlite::memory:"))
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidDurableJobException.class)
				.hasMessageContaining("SQLite (jdbc:sqlite:...)"));
	}

	@Test
	void severalDataSourcesNeedAPrimaryOne() {
		this.enabled.withBean(Jobs.class)
			.withBean("one", DataSource.class, UntouchableDataSource::new)
			.withBean("two", DataSource.class, UntouchableDataSource::new)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidDurableJobException.class)
				.hasMessageContaining("2 DataSource beans, none of which is primary"));
	}

	@Test
	void missingTablesAreNamed() {
		this.enabled.withBean(Jobs.class)
			.withBean(DataSource.class, () -> dataSource("jdbc:h2:mem:missing-tables"))
			.withPropertyValues("graceful-shutdown.durable.initialize-schema=never")
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidDurableJobException.class)
				.hasMessageContaining("The tables of durable jobs cannot be read"));
	}

	private static DataSource dataSource(String url) {
		HikariDataSource dataSource = new HikariDataSource();
		dataSource.setJdbcUrl(url);
		return dataSource;
	}

	@Test
	void badNumbersAreRefused() {
		this.enabled.withPropertyValues("graceful-shutdown.durable.threads=0")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessage("graceful-shutdown.durable.threads is 0."));
		this.enabled.withPropertyValues("graceful-shutdown.durable.poll-interval=0")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessage("graceful-shutdown.durable.poll-interval is PT0S."));
	}

	@Test
	void directCallsAreDoneByTheCallerWithACopy() {
		this.enabled.withBean(Jobs.class).withPropertyValues("graceful-shutdown.durable.mode=direct").run((context) -> {
			assertThat(context).doesNotHaveBean(DurableEngine.class);
			Jobs jobs = context.getBean(Jobs.class);
			List<String> original = new CopyOnWriteArrayList<>(List.of("b"));
			jobs.job("a");
			context.getBean(DurableJobs.class).enqueue("list", original);
			assertThat(jobs.done()).containsExactly("a", List.of("b"));
			assertThat(jobs.done().get(1)).isNotSameAs(original);
			assertThat(context.getBean(GracefulShutdown.class).inFlight()).isZero();
			DurableJobs durable = context.getBean(DurableJobs.class);
			JobId id = durable.enqueue("job", "c");
			assertThat(durable.find(id)).isEmpty();
			assertThat(durable.list(DurableJobState.QUEUED, 1)).isEmpty();
			assertThat(durable.retry(id)).isFalse();
			assertThat(durable.discard(id)).isFalse();
			assertThatIllegalArgumentException().isThrownBy(() -> durable.list(DurableJobState.QUEUED, 0));
		});
	}

	@Test
	void theEndpointIsThereIfItIsExposed() {
		ApplicationContextRunner runner = this.enabled.withBean(DataSource.class, UntouchableDataSource::new)
			.withConfiguration(
					AutoConfigurations.of(DurableJobsEndpointAutoConfiguration.class, EndpointAutoConfiguration.class));
		runner.run((context) -> assertThat(context).doesNotHaveBean(DurableJobsEndpoint.class));
		ApplicationContextRunner exposed = runner
			.withPropertyValues("management.endpoints.web.exposure.include=durablejobs");
		exposed.run((context) -> assertThat(context).hasSingleBean(DurableJobsEndpoint.class));
		exposed.withPropertyValues("graceful-shutdown.durable.mode=direct")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DurableJobsEndpoint.class));
		exposed.withClassLoader(new FilteredClassLoader(JdbcTemplate.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DurableJobsEndpoint.class));
		exposed.withClassLoader(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DurableJobsEndpoint.class));
	}

	@ParameterizedTest
	@CsvSource({ "unset=true, GET", "management.endpoint.durablejobs.access=UNRESTRICTED, GET DELETE POST" })
	void theEndpointChangesJobsOnlyWithUnrestrictedAccess(String access, String methods) {
		new WebApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, WebEndpointAutoConfiguration.class))
			.withBean(DataSource.class, UntouchableDataSource::new)
			.withPropertyValues("graceful-shutdown.durable.enabled=true",
					"management.endpoints.web.exposure.include=durablejobs", access)
			.run((context) -> assertThat(context.getBean(WebEndpointsSupplier.class).getEndpoints())
				.flatExtracting((endpoint) -> endpoint.getOperations())
				.extracting((operation) -> operation.getRequestPredicate().getHttpMethod().name())
				.containsOnly(methods.split(" ")));
	}

	@Test
	void theEndpointOfAnApplicationWithoutDurableJobsTouchesNoDatabase() {
		this.enabled.withBean(DataSource.class, UntouchableDataSource::new)
			.withConfiguration(
					AutoConfigurations.of(DurableJobsEndpointAutoConfiguration.class, EndpointAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=durablejobs")
			.run((context) -> {
				DurableJobsEndpoint.DurableJobsDescriptor jobs = context.getBean(DurableJobsEndpoint.class)
					.durableJobs();
				assertThat(jobs.instance()).isNull();
				assertThat(jobs.counts()).isEmpty();
			});
	}

	@Test
	void metersNeedARegistryAndMicrometer() {
		ApplicationContextRunner runner = this.enabled.withBean(DataSource.class, UntouchableDataSource::new)
			.withConfiguration(AutoConfigurations.of(DurableJobMetricsAutoConfiguration.class));
		runner.run((context) -> assertThat(context).doesNotHaveBean(DurableJobMetrics.class));
		runner.withBean(SimpleMeterRegistry.class)
			.run((context) -> assertThat(context).hasSingleBean(DurableJobMetrics.class));
		runner.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DurableJobMetrics.class));
	}

	@Test
	void anApplicationWithoutDurableJobsHasNoMetersOfThem() {
		this.enabled.withBean(SimpleMeterRegistry.class)
			.withBean(DataSource.class, UntouchableDataSource::new)
			.withConfiguration(
					AutoConfigurations.of(MetricsAutoConfiguration.class, DurableJobMetricsAutoConfiguration.class))
			.run((context) -> assertThat(context.getBean(MeterRegistry.class).getMeters())
				.noneMatch((meter) -> meter.getId().getName().startsWith("durable.")));
	}

	@Test
	void theMetersOfABeanThatIsMarkedAsLazyAreThere() {
		this.enabled.withBean(SimpleMeterRegistry.class)
			.withBean(LazyCounter.class)
			.withUserConfiguration(LazyJobsConfiguration.class)
			.withPropertyValues(file())
			.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
					DrainMetricsAutoConfiguration.class, DurableJobMetricsAutoConfiguration.class))
			.run((context) -> assertThat(
					context.getBean(MeterRegistry.class).get("durable.job.wait").tag("job", "job").timer().count())
				.isZero());
	}

	@Test
	void theirBeansAreNotLazy() throws Exception {
		this.enabled.withBean(LazyCounter.class)
			.withPropertyValues(file())
			.withInitializer((context) -> context
				.addBeanFactoryPostProcessor(new org.springframework.boot.LazyInitializationBeanFactoryPostProcessor()))
			.withUserConfiguration(JobsConfiguration.class)
			.run((context) -> assertThat(context.getBean(LazyCounter.class).created).isEqualTo(1));
		assertThat(Files.exists(this.directory.resolve("sub/jobs.db"))).isTrue();
	}

	@Test
	void aBeanThatIsMarkedAsLazyIsCreatedForItsStoredJobs() {
		this.enabled.withBean(LazyCounter.class)
			.withPropertyValues(file())
			.withUserConfiguration(LazyJobsConfiguration.class)
			.run((context) -> assertThat(context.getBean(LazyCounter.class).created).isEqualTo(1));
	}

	/**
	 * Jobs that begin before would be taken for a part of the start.
	 */
	@Test
	void jobsBeginWhenTheWholeStartHasEnded() {
		this.enabled.withBean(Jobs.class).withPropertyValues(file()).run((context) -> {
			JdbcTemplate jdbc = new JdbcTemplate(dataSource("jdbc:sqlite:" + this.directory.resolve("sub/jobs.db")));
			context.publishEvent(new ApplicationReadyEvent(new SpringApplication(), new String[0],
					context.getSourceApplicationContext(), Duration.ZERO));
			assertThat(jdbc.queryForList("select id from durable_instances")).isEmpty();
			AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
			assertThat(jdbc.queryForList("select id from durable_instances")).hasSize(1);
		});
	}

	@Test
	void aCallWhileTheContextIsClosedIsStored() {
		List<String> failures = new CopyOnWriteArrayList<>();
		this.enabled.withBean(Caller.class, failures)
			.withBean(Jobs.class)
			.withPropertyValues(file())
			.run((context) -> context.getBean(Caller.class));
		assertThat(failures).isEmpty();
		JdbcTemplate jdbc = new JdbcTemplate(dataSource("jdbc:sqlite:" + this.directory.resolve("sub/jobs.db")));
		assertThat(jdbc.queryForList("select payload from durable_jobs", String.class)).containsExactly("[\"late\"]");
	}

	static class Caller implements org.springframework.beans.factory.DisposableBean {

		private final List<String> failures;

		private @Nullable Jobs jobs;

		Caller(List<String> failures) {
			this.failures = failures;
		}

		@org.springframework.beans.factory.annotation.Autowired
		void setJobs(Jobs jobs) {
			this.jobs = jobs;
		}

		@Override
		public void destroy() {
			try {
				java.util.Objects.requireNonNull(this.jobs).job("late");
			}
			catch (RuntimeException ex) {
				this.failures.add(ex.toString());
			}
		}

	}

	@org.springframework.context.annotation.Configuration(proxyBeanMethods = false)
	static class LazyJobsConfiguration {

		@org.springframework.context.annotation.Bean
		@org.springframework.context.annotation.Lazy
		Jobs jobs(LazyCounter counter) {
			counter.created++;
			return new Jobs();
		}

	}

	@org.springframework.context.annotation.Configuration(proxyBeanMethods = false)
	static class JobsConfiguration {

		@org.springframework.context.annotation.Bean
		Jobs jobs(LazyCounter counter) {
			counter.created++;
			return new Jobs();
		}

	}

	static class LazyCounter {

		int created;

	}

	static class Jobs {

		private final List<Object> done = new CopyOnWriteArrayList<>();

		List<Object> done() {
			return this.done;
		}

		@DurableJob("job")
		void job(String text) {
			this.done.add(text);
		}

		@DurableJob("list")
		void list(List<String> texts) {
			this.done.add(texts);
		}

	}

	private static final class UntouchableDataSource extends AbstractDataSource {

		@Override
		public java.sql.Connection getConnection() {
			throw new IllegalStateException("touched");
		}

		@Override
		public java.sql.Connection getConnection(String username, String password) {
			throw new IllegalStateException("touched");
		}

	}

}
