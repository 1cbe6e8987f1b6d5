package io.github.gracefulshutdown.durable;

import java.util.UUID;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.autoconfigure.DurableJobMetricsAutoConfiguration;
import io.github.gracefulshutdown.durable.DurableApplication.Jobs;
import io.github.gracefulshutdown.durable.DurableApplication.Order;
import io.github.gracefulshutdown.job.JobContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the meters of durable jobs.
 *
 * @author The Graceful Shutdown authors
 */
class DurableJobMetricsTests {

	private final String url = "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
		.formatted(UUID.randomUUID());

	private final DriverManagerDataSource dataSource = new DriverManagerDataSource(this.url, "sa", "");

	@Test
	void storedJobsAndTheirWaitsAreMeasured() {
		DurableSchema.create(this.dataSource, Database.H2);
		JdbcTemplate jdbc = new JdbcTemplate(this.dataSource);
		DurableApplication.store(jdbc, "unknown", "[]");
		DurableApplication.store(jdbc, "order", "[]", "PARKED", null, 0);
		DurableApplication.store(jdbc, "async", "[\"1\"]", "RUNNING", "dead", 0);
		DurableApplication.store(jdbc, "async", "[\"2\"]", "RUNNING", "dead", 2);
		DurableApplication.store(jdbc, "old-async", "[\"3\"]", "DEAD", null, 0);
		try (ConfigurableApplicationContext context = DurableApplication.start(MeasuredApplication.class, this.url)) {
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			Jobs jobs = DurableApplication.jobs(context);
			jobs.gated("1");
			DurableApplication.gate(context).awaitArrivals(1);
			DurableJobTests.await()
				.untilAsserted(() -> assertThat(jobs.done()).containsExactly(new Order("1", null, 0)));
			DurableJobTests.await().until(() -> DurableApplication.stored(jdbc).size() == 5);
			DurableJobTests.await().until(() -> !Double.isNaN(stored(meters, "gated", "running")));
			assertThat(stored(meters, "gated", "running")).isEqualTo(1);
			assertThat(stored(meters, "gated", "queued")).isZero();
			assertThat(stored(meters, "order", "parked")).isEqualTo(1);
			assertThat(stored(meters, "async", "dead")).as("also by its former name").isEqualTo(2);
			assertThat(stored(meters, "other", "queued")).isEqualTo(1);
			assertThat(oldest(meters, "other")).as("since 1970").isGreaterThan(1e9);
			assertThat(oldest(meters, "gated")).isZero();
			assertThat(meters.get("durable.job.wait").tag("job", "gated").timer().count()).isEqualTo(1);
			assertThat(meters.get("durable.job.wait").tag("job", "gated").timer().max(TimeUnit.SECONDS)).isPositive()
				.isLessThan(600);
			assertThat(takenOver(meters, "queued")).isEqualTo(1);
			assertThat(takenOver(meters, "dead")).isEqualTo(1);
			assertThat(meters.find("durable.job.wait").tag("job", "other").timer()).isNull();
			DurableApplication.gate(context).open();
		}
	}

	@Test
	void aHandOverIsNotAWait() {
		try (ConfigurableApplicationContext context = DurableApplication.start(MeasuredApplication.class, this.url)) {
			DurableApplication.jobs(context).pages(2, 1);
			DurableApplication.gate(context).awaitArrivals(1);
		}
		try (ConfigurableApplicationContext context = DurableApplication.start(MeasuredApplication.class, this.url)) {
			Jobs jobs = DurableApplication.jobs(context);
			DurableApplication.gate(context).open();
			DurableJobTests.await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("page 1"));
			JobContext job = jobs.context();
			assertThat(job.attempt()).isEqualTo(1);
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			assertThat(meters.get("durable.job.wait").tag("job", "pages").timer().count()).isZero();
		}
	}

	private static double stored(MeterRegistry meters, String job, String state) {
		return meters.get("durable.jobs").tag("job", job).tag("state", state).gauge().value();
	}

	private static double oldest(MeterRegistry meters, String job) {
		return meters.get("durable.jobs.oldest").tag("job", job).timeGauge().value(TimeUnit.SECONDS);
	}

	private static double takenOver(MeterRegistry meters, String state) {
		return meters.get("durable.jobs.taken.over").tag("state", state).functionCounter().count();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@Import(DurableApplication.class)
	@ImportAutoConfiguration({ MetricsAutoConfiguration.class, DurableJobMetricsAutoConfiguration.class })
	static class MeasuredApplication {

		@Bean
		SimpleMeterRegistry meterRegistry() {
			return new SimpleMeterRegistry();
		}

	}

}
