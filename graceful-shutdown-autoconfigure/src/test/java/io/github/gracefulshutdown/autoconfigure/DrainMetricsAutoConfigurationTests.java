package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.github.gracefulshutdown.job.BackgroundJob;
import io.github.gracefulshutdown.metrics.DrainMetrics;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.core.instrument.step.StepMeterRegistry;
import io.micrometer.core.instrument.step.StepRegistryConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DrainMetricsAutoConfiguration} and {@link DrainMetrics}.
 *
 * @author The Graceful Shutdown authors
 */
class DrainMetricsAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations())
		.withBean(DrainRecorder.class)
		.withBean(Jobs.class);

	@Test
	void allMetersAreRegisteredAtStartUp() {
		this.contextRunner.withBean(SimpleMeterRegistry.class)
			.run((context) -> assertThat(ourMeters(context.getBean(MeterRegistry.class)).keySet())
				.containsExactlyInAnyOrder("graceful.shutdown.state[state=running]",
						"graceful.shutdown.state[state=lame_duck]", "graceful.shutdown.state[state=draining]",
						"graceful.shutdown.state[state=drained]", "graceful.shutdown.state[state=expired]",
						"graceful.shutdown.remaining[]", "graceful.shutdown.drain[outcome=drained]",
						"graceful.shutdown.drain[outcome=expired]", "graceful.shutdown.inflight[workload=jobs]",
						"graceful.shutdown.inflight[workload=pollers]", "graceful.shutdown.inflight[workload=tasks]",
						"graceful.shutdown.inflight[workload=schedules]", "graceful.shutdown.inflight[workload=pools]",
						"graceful.shutdown.inflight[workload=db-scheduler]",
						"graceful.shutdown.inflight[workload=jobrunr]", "graceful.shutdown.inflight[workload=quartz]",
						"graceful.shutdown.inflight[workload=batches]", "graceful.shutdown.inflight[workload=intakes]",
						"graceful.shutdown.inflight[workload=servers]",
						"graceful.shutdown.inflight[workload=lifecycles]",
						"graceful.shutdown.inflight[workload=exchanges]",
						"graceful.shutdown.work[outcome=completed,workload=lifecycles]",
						"graceful.shutdown.work[outcome=failed,workload=lifecycles]",
						"graceful.shutdown.work[outcome=cancelled,workload=lifecycles]",
						"graceful.shutdown.work[outcome=abandoned,workload=lifecycles]",
						"graceful.shutdown.work[outcome=rejected,workload=lifecycles]",
						"graceful.shutdown.work[outcome=completed,workload=batches]",
						"graceful.shutdown.work[outcome=failed,workload=batches]",
						"graceful.shutdown.work[outcome=cancelled,workload=batches]",
						"graceful.shutdown.work[outcome=abandoned,workload=batches]",
						"graceful.shutdown.work[outcome=rejected,workload=batches]",
						"graceful.shutdown.work[outcome=completed,workload=intakes]",
						"graceful.shutdown.work[outcome=failed,workload=intakes]",
						"graceful.shutdown.work[outcome=cancelled,workload=intakes]",
						"graceful.shutdown.work[outcome=abandoned,workload=intakes]",
						"graceful.shutdown.work[outcome=rejected,workload=intakes]",
						"graceful.shutdown.work[outcome=completed,workload=servers]",
						"graceful.shutdown.work[outcome=failed,workload=servers]",
						"graceful.shutdown.work[outcome=cancelled,workload=servers]",
						"graceful.shutdown.work[outcome=abandoned,workload=servers]",
						"graceful.shutdown.work[outcome=rejected,workload=servers]",
						"graceful.shutdown.work[outcome=completed,workload=jobs]",
						"graceful.shutdown.work[outcome=failed,workload=jobs]",
						"graceful.shutdown.work[outcome=cancelled,workload=jobs]",
						"graceful.shutdown.work[outcome=abandoned,workload=jobs]",
						"graceful.shutdown.work[outcome=rejected,workload=jobs]",
						"graceful.shutdown.work[outcome=completed,workload=tasks]",
						"graceful.shutdown.work[outcome=failed,workload=tasks]",
						"graceful.shutdown.work[outcome=cancelled,workload=tasks]",
						"graceful.shutdown.work[outcome=abandoned,workload=tasks]",
						"graceful.shutdown.work[outcome=rejected,workload=tasks]",
						"graceful.shutdown.work[outcome=completed,workload=schedules]",
						"graceful.shutdown.work[outcome=failed,workload=schedules]",
						"graceful.shutdown.work[outcome=cancelled,workload=schedules]",
						"graceful.shutdown.work[outcome=abandoned,workload=schedules]",
						"graceful.shutdown.work[outcome=rejected,workload=schedules]"));
	}

	@Test
	void requestsHaveMetersInWebApplications() {
		new WebApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.withBean(SimpleMeterRegistry.class)
			.run((context) -> assertThat(ourMeters(context.getBean(MeterRegistry.class))).containsKeys(
					"graceful.shutdown.inflight[workload=requests]",
					"graceful.shutdown.work[outcome=completed,workload=requests]"));
	}

	@Test
	void allMetersAreDescribed() {
		this.contextRunner.withBean(SimpleMeterRegistry.class)
			.run((context) -> assertThat(ourMeters(context.getBean(MeterRegistry.class)).values())
				.allSatisfy((meter) -> assertThat(meter.getId().getDescription()).isNotBlank()));
	}

	@Test
	void metersOfARunningApplication() {
		this.contextRunner.withBean(SimpleMeterRegistry.class).run((context) -> {
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			context.getBean(Jobs.class).run();
			assertThat(gauge(meters, "graceful.shutdown.state", "state", "running")).isOne();
			assertThat(gauge(meters, "graceful.shutdown.state", "state", "draining")).isZero();
			assertThat(gauge(meters, "graceful.shutdown.inflight", "workload", "pollers")).isOne();
			assertThat(meters.get("graceful.shutdown.remaining").timeGauge().value()).isNaN();
			assertThat(meters.get("graceful.shutdown.work").tag("outcome", "completed").functionCounter().count())
				.isOne();
		});
	}

	@Test
	void metersDuringTheDrain() {
		this.contextRunner.withBean(SimpleMeterRegistry.class).run((context) -> {
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			Map<String, Double> values = new ConcurrentHashMap<>();
			context.getBean(DrainRecorder.class).onDrainStarted(() -> {
				values.put("running", gauge(meters, "graceful.shutdown.state", "state", "running"));
				values.put("lame_duck", gauge(meters, "graceful.shutdown.state", "state", "lame_duck"));
				values.put("remaining", meters.get("graceful.shutdown.remaining").timeGauge().value(TimeUnit.SECONDS));
			});
			context.close();
			assertThat(values).containsEntry("running", 0.0).containsEntry("lame_duck", 1.0);
			assertThat(values.get("remaining")).isBetween(1.0, 28.0);
		});
	}

	@Test
	void drainIsInTheLastPublicationOfAPushRegistry() {
		PushRegistry meters = new PushRegistry();
		this.contextRunner.withBean(PushRegistry.class, () -> meters).run((context) -> {
			context.getBean(Jobs.class).run();
			assertThat(meters.published).isEmpty();
			context.close();
			assertThat(meters.published).containsEntry("graceful.shutdown.drain[outcome=drained]", 1.0)
				.containsEntry("graceful.shutdown.drain[outcome=expired]", 0.0)
				.containsEntry("graceful.shutdown.state[state=drained]", 1.0)
				.containsEntry("graceful.shutdown.inflight[workload=pollers]", 0.0)
				.containsEntry("graceful.shutdown.work[outcome=completed,workload=jobs]", 1.0);
		});
	}

	@Test
	void drainIsTimed() {
		this.contextRunner.withBean(SimpleMeterRegistry.class).run((context) -> {
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			DrainRecorder recorder = context.getBean(DrainRecorder.class);
			context.close();
			Duration duration = recorder.getReports().get(0).duration();
			assertThat(meters.get("graceful.shutdown.drain")
				.tag("outcome", "drained")
				.timer()
				.totalTime(TimeUnit.NANOSECONDS)).isEqualTo(duration.toNanos());
		});
	}

	@Test
	void drainOfAChildContextIsNotTimed() {
		this.contextRunner.withBean(SimpleMeterRegistry.class)
			.run((parent) -> this.contextRunner.withParent(parent).run((child) -> {
				child.close();
				assertThat(parent.getBean(DrainRecorder.class).getReports()).isEmpty();
				assertThat(parent.getBean(MeterRegistry.class)
					.get("graceful.shutdown.drain")
					.tag("outcome", "drained")
					.timer()
					.count()).isZero();
			}));
	}

	@Test
	void needsARegistry() {
		this.contextRunner.run((context) -> assertThat(context).doesNotHaveBean(DrainMetrics.class));
		this.contextRunner.withBean(SimpleMeterRegistry.class)
			.run((context) -> assertThat(context).hasSingleBean(DrainMetrics.class));
	}

	@Test
	void backsOffWithoutMicrometer() {
		this.contextRunner.withBean(SimpleMeterRegistry.class)
			.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DrainMetrics.class));
	}

	private static double gauge(MeterRegistry meters, String name, String... tags) {
		return meters.get(name).tags(tags).gauge().value();
	}

	private static Map<String, Meter> ourMeters(MeterRegistry meters) {
		return meters.getMeters()
			.stream()
			.filter((meter) -> meter.getId().getName().startsWith("graceful.shutdown."))
			.collect(Collectors.toMap(DrainMetricsAutoConfigurationTests::name, (meter) -> meter));
	}

	private static String name(Meter meter) {
		List<Tag> tags = meter.getId().getTags();
		return meter.getId().getName() + tags.stream()
			.map((tag) -> tag.getKey() + "=" + tag.getValue())
			.collect(Collectors.joining(",", "[", "]"));
	}

	static class Jobs {

		@BackgroundJob
		void run() {
		}

	}

	/**
	 * Registry that publishes once an hour and when it is closed.
	 */
	static class PushRegistry extends StepMeterRegistry {

		private final Map<String, Double> published = new ConcurrentHashMap<>();

		PushRegistry() {
			super(new StepRegistryConfig() {

				@Override
				public String prefix() {
					return "push";
				}

				@Override
				public @Nullable String get(String key) {
					return "push.step".equals(key) ? "1h" : null;
				}

			}, Clock.SYSTEM);
		}

		@Override
		protected void publish() {
			ourMeters(this)
				.forEach((name, meter) -> this.published.put(name, meter.measure().iterator().next().getValue()));
		}

		@Override
		protected TimeUnit getBaseTimeUnit() {
			return TimeUnit.SECONDS;
		}

	}

}
