package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.NamedWorkload;
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
		this.contextRunner.withBean("first", NamedWorkload.class, "queue")
			.withBean("second", NamedWorkload.class, "queue")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContainingAll("bean 'first'", "bean 'second'", NamedWorkload.class.getName(),
						"have the same name 'queue'"));
	}

	@Test
	void aWorkloadMayNotTakeTheNameOfOurs() {
		this.contextRunner.withBean("mine", NamedWorkload.class, "jobs")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContainingAll("bean 'mine'", "JobWorkload", "have the same name 'jobs'"));
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "", " " })
	void aWorkloadWithoutANameKeepsTheApplicationFromStarting(String name) {
		this.contextRunner.withBean("nameless", NamedWorkload.class, () -> new NamedWorkload(name))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContainingAll("bean 'nameless'", NamedWorkload.class.getName(), "has no name"));
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
		NamedWorkload first() {
			return new NamedWorkload("queue");
		}

		@Bean
		NamedWorkload second() {
			return new NamedWorkload("queue");
		}

	}

}
