package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.Workload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for the names of {@link Workload} beans.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class WorkloadNamesTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void twoWorkloadsOfTheSameNameKeepTheApplicationFromStarting() {
		this.contextRunner.withBean("first", Named.class, "queue")
			.withBean("second", Named.class, "queue")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContainingAll("bean 'first'", "bean 'second'", Named.class.getName(),
						"have the same name 'queue'"));
	}

	@Test
	void aWorkloadMayNotTakeTheNameOfOurs() {
		this.contextRunner.withBean("mine", Named.class, "jobs")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContainingAll("bean 'mine'", "JobWorkload", "have the same name 'jobs'"));
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "", " " })
	void aWorkloadWithoutANameKeepsTheApplicationFromStarting(String name) {
		this.contextRunner.withBean("nameless", Named.class, () -> new Named(name))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContainingAll("bean 'nameless'", Named.class.getName(), "has no name"));
	}

	@Test
	void theFailureIsExplained(CapturedOutput output) {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		assertThatException().isThrownBy(application::run);
		assertThat(output).contains("APPLICATION FAILED TO START", "have the same name 'queue'", "Let getName() of");
	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Named first() {
			return new Named("queue");
		}

		@Bean
		Named second() {
			return new Named("queue");
		}

	}

	static class Named implements Workload {

		private final String name;

		Named(String name) {
			this.name = name;
		}

		@Override
		public String getName() {
			return this.name;
		}

		@Override
		public long getInFlight() {
			return 0;
		}

	}

}
