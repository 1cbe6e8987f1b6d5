package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;

import io.github.gracefulshutdown.drain.DrainPlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for {@link DrainPlanFactory} and {@link GracefulShutdownProperties}.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class DrainPlanFactoryTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void defaults() {
		this.contextRunner.run((context) -> assertThat(context.getBean(DrainPlan.class)).isEqualTo(
				new DrainPlan(Duration.ofSeconds(30), Duration.ofSeconds(2), Duration.ZERO, Duration.ofSeconds(2),
						Duration.ofSeconds(5), "default; Docker and Compose give 10 s, systemd 90 s")));
	}

	@Test
	void configured() {
		this.contextRunner
			.withPropertyValues("graceful-shutdown.grace-period=1m", "graceful-shutdown.reserve=4s",
					"graceful-shutdown.delay=10s", "graceful-shutdown.cancel-before-deadline=3s",
					"graceful-shutdown.progress-interval=1s")
			.run((context) -> assertThat(context.getBean(DrainPlan.class))
				.isEqualTo(new DrainPlan(Duration.ofMinutes(1), Duration.ofSeconds(4), Duration.ofSeconds(10),
						Duration.ofSeconds(3), Duration.ofSeconds(1), "graceful-shutdown.grace-period")));
	}

	@Test
	void reserveAndCancellationAreAFifthOfAShortGracePeriod() {
		this.contextRunner.withPropertyValues("graceful-shutdown.grace-period=5s").run((context) -> {
			assertThat(context.getBean(DrainPlan.class).reserve()).isEqualTo(Duration.ofSeconds(1));
			assertThat(context.getBean(DrainPlan.class).cancelBeforeDeadline()).isEqualTo(Duration.ofSeconds(1));
		});
	}

	@Test
	void cancellationIsByDefaultNotBeforeTheEndOfTheDelay() {
		this.contextRunner.withPropertyValues("graceful-shutdown.grace-period=10s", "graceful-shutdown.delay=7s")
			.run((context) -> assertThat(context.getBean(DrainPlan.class).cancelBeforeDeadline())
				.isEqualTo(Duration.ofSeconds(1)));
	}

	@ParameterizedTest
	@CsvSource({ "heroku, 30", "cloud_foundry, 10", "nomad, 5", "azure_app_service, 5", "kubernetes, 30", "aws_ecs, 30",
			"sap, 30", "none, 30" })
	void gracePeriodIsThatOfThePlatform(String platform, long seconds) {
		this.contextRunner.withPropertyValues("spring.main.cloud-platform=" + platform)
			.run((context) -> assertThat(context.getBean(DrainPlan.class).gracePeriod()).hasSeconds(seconds));
	}

	@Test
	void configuredGracePeriodIsUsedInsteadOfThatOfThePlatform() {
		this.contextRunner.withPropertyValues("spring.main.cloud-platform=nomad", "graceful-shutdown.grace-period=20s")
			.run((context) -> assertThat(context.getBean(DrainPlan.class).gracePeriod()).hasSeconds(20));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					grace-period           | -1s   | -1000ms       | It must be at least 100ms.
					grace-period           | 99ms  | 99ms          | It must be at least 100ms.
					grace-period           | 366d  | 31622400000ms | It must be at most 31536000000ms.
					reserve                | -1ms  | -1ms          | It must be at least 0ms.
					reserve                | 30s   | 30000ms       | It must be less than 30000ms (the grace period)
					delay                  | -1s   | -1000ms       | It must be at least 0ms.
					delay                  | 28s   | 28000ms       | It must be less than 28000ms (the grace period less the reserve)
					cancel-before-deadline | -1s   | -1000ms       | It must be at least 0ms.
					cancel-before-deadline | 29s   | 29000ms       | It must be at most 28000ms
					progress-interval      | 0s    | 0ms           | It must be at least 100ms.
					progress-interval      | 366d  | 31622400000ms | It must be at most 31536000000ms.
					connector.linger       | -1s   | -1000ms       | It must be at least 0ms.
					connector.linger       | 366d  | 31622400000ms | It must be at most 31536000000ms.
					""")
	void badValueFailsStartUp(String property, String value, String printed, String reason) {
		this.contextRunner.withPropertyValues("graceful-shutdown.%s=%s".formatted(property, value))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (ex) -> {
					assertThat(ex.getName()).isEqualTo("graceful-shutdown." + property);
					assertThat(ex.getValue()).isEqualTo(printed);
					assertThat(ex.getReason()).startsWith(reason);
				}));
	}

	@ParameterizedTest
	@CsvSource({ "grace-period, 100ms", "grace-period, 365d", "reserve, 0s", "reserve, 29999ms", "delay, 27999ms",
			"cancel-before-deadline, 0s", "cancel-before-deadline, 28s", "progress-interval, 100ms",
			"progress-interval, 365d", "connector.linger, 0s", "connector.linger, 365d" })
	void boundIsNotABadValue(String property, String value) {
		this.contextRunner.withPropertyValues("graceful-shutdown.%s=%s".formatted(property, value))
			.withBean(DrainRecorder.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				DrainRecorder recorder = context.getBean(DrainRecorder.class);
				context.close();
				assertThat(recorder.getReports()).hasSize(1);
			});
	}

	@ParameterizedTest
	@CsvSource({ "grace-period, 30", "reserve, 2", "delay, 5", "cancel-before-deadline, 2", "progress-interval, 999",
			"connector.linger, 1" })
	void aNumberWithoutUnitBelowASecondFailsStartUp(String property, String value) {
		this.contextRunner.withPropertyValues("graceful-shutdown.%s=%s".formatted(property, value))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (ex) -> {
					assertThat(ex.getName()).isEqualTo("graceful-shutdown." + property);
					assertThat(ex.getValue()).isEqualTo(value);
					assertThat(ex.getReason())
						.isEqualTo("It has no unit, so it is %sms. Write '%ss' for seconds, or '%sms'.".formatted(value,
								value, value));
				}));
	}

	@ParameterizedTest
	@CsvSource({ "delay, 0", "delay, 5000", "reserve, 1000", "delay, 5ms" })
	void aNumberWithUnitOrOfSecondsIsAccepted(String property, String value) {
		this.contextRunner.withPropertyValues("graceful-shutdown.%s=%s".formatted(property, value))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void badValueIsAnalyzed(CapturedOutput output) {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		assertThatException()
			.isThrownBy(() -> application.run("--graceful-shutdown.grace-period=10s", "--graceful-shutdown.delay=9s"));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Invalid value '9s' for configuration property 'graceful-shutdown.delay'")
			.contains("It must be less than 8000ms (the grace period less the reserve), or no time is left to drain.");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ ApplicationAvailabilityAutoConfiguration.class,
			GracefulShutdownAutoConfiguration.class })
	static class Application {

	}

}
