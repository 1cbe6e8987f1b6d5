package io.github.gracefulshutdown.autoconfigure;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link H2FileCheck}.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class H2FileCheckTests {

	private static final String WARNING = "DataSource 'database' is an H2 database in a file.";

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(AutoConfigurations
		.of(ApplicationAvailabilityAutoConfiguration.class, GracefulShutdownAutoConfiguration.class));

	private static HikariDataSource pool(String url) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(url);
		return pool;
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:./data", "jdbc:h2:~/data;AUTO_SERVER=TRUE", "jdbc:h2:file:/data/db",
			"jdbc:h2:nioMapped:db", "jdbc:h2:split:30:db", "jdbc:h2:C:/data" })
	void aFileIsOne(String url) {
		assertThat(H2FileCheck.isFile(url)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:mem:test", "jdbc:h2:tcp://localhost/~/data", "jdbc:h2:async:./data",
			"jdbc:h2:file:async:./data", "jdbc:h2:split:30:async:db", "jdbc:h2:nioMemFS:x",
			"jdbc:postgresql://host/db" })
	void allElseIsNone(String url) {
		assertThat(H2FileCheck.isFile(url)).isFalse();
	}

	@Test
	void aPoolIsWarnedOfAndNotStarted(CapturedOutput output) {
		HikariDataSource pool = pool("jdbc:h2:./data");
		this.runner.withBean("database", DataSource.class, () -> pool).run((context) -> {
			assertThat(output).containsOnlyOnce(WARNING).contains("use jdbc:h2:async:");
			assertThat(pool.isRunning()).isFalse();
		});
	}

	@Test
	void proxiesAreWarnedOf(CapturedOutput output) {
		ProxyFactory factory = new ProxyFactory(
				new DelegatingDataSource(new DriverManagerDataSource("jdbc:h2:./data")));
		this.runner.withBean("database", DataSource.class, () -> (DataSource) factory.getProxy())
			.run((context) -> assertThat(output).containsOnlyOnce(WARNING));
	}

	@Test
	void aDatabaseThatSurvivesIsNotWarnedOf(CapturedOutput output) {
		this.runner.withBean("database", DataSource.class, () -> pool("jdbc:h2:async:./data"))
			.run((context) -> assertThat(output).doesNotContain(WARNING));
	}

	@Test
	void aBeanThatIsLazyStaysSo(CapturedOutput output) {
		this.runner
			.withBean("database", DataSource.class, () -> pool("jdbc:h2:./data"),
					(definition) -> definition.setLazyInit(true))
			.run((context) -> {
				assertThat(context.getBeanFactory().containsSingleton("database")).isFalse();
				assertThat(output).doesNotContain(WARNING);
			});
	}

	@Test
	void withoutInterruptsThereIsNoWarning(CapturedOutput output) {
		ApplicationContextRunner file = this.runner.withBean("database", DataSource.class,
				() -> pool("jdbc:h2:./data"));
		file.withPropertyValues("graceful-shutdown.jobs.interrupt=false")
			.run((context) -> assertThat(context).hasNotFailed());
		file.withPropertyValues("graceful-shutdown.cancel-before-deadline=0s")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain(WARNING);
	}

	@Test
	void withoutH2ThereIsNoCheck() {
		this.runner.withClassLoader(new FilteredClassLoader("org.h2", "org.springframework.jdbc", "com.zaxxer"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("drainH2FileCheck"));
	}

}
