package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.Workload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the names of {@link Workload} beans.
 *
 * @author The Graceful Shutdown authors
 */
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
