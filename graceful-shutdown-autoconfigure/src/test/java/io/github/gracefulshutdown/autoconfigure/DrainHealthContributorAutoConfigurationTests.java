package io.github.gracefulshutdown.autoconfigure;

import java.util.concurrent.CompletableFuture;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.actuate.DrainHealthIndicator;
import org.junit.jupiter.api.Test;

import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link DrainHealthContributorAutoConfiguration} and
 * {@link DrainHealthIndicator}.
 *
 * @author The Graceful Shutdown authors
 */
class DrainHealthContributorAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations())
		.withBean(DrainRecorder.class);

	@Test
	void isUpWhileTheApplicationRuns() {
		this.contextRunner.run((context) -> assertThat(context.getBean(DrainHealthIndicator.class).health())
			.isEqualTo(Health.up().withDetail("state", DrainState.RUNNING).withDetail("inFlight", 1L).build()));
	}

	@Test
	void isOutOfServiceFromTheSignalOn() {
		this.contextRunner.run((context) -> {
			CompletableFuture<Health> health = new CompletableFuture<>();
			DrainHealthIndicator indicator = context.getBean(DrainHealthIndicator.class);
			context.getBean(DrainRecorder.class).onDrainStarted(() -> health.complete(indicator.health()));
			context.close();
			assertThat(health).isCompleted();
			assertThat(health.join().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			assertThat(health.join().getDetails()).containsEntry("state", DrainState.LAME_DUCK);
			assertThat(indicator.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		});
	}

	@Test
	void aWorkloadThatCannotCountDoesNotTakeTheApplicationDown() {
		Workload broken = mock(Workload.class);
		given(broken.getName()).willReturn("broken");
		given(broken.getInFlight()).willThrow(new IllegalStateException("database is away"));
		this.contextRunner.withBean("broken", Workload.class, () -> broken)
			.run((context) -> assertThat(context.getBean(DrainHealthIndicator.class).health())
				.isEqualTo(Health.up().withDetail("state", DrainState.RUNNING).withDetail("inFlight", 1L).build()));
	}

	@Test
	void nameOfTheContributorIsDrain() {
		this.contextRunner.run((context) -> assertThat(context.getBeanNamesForType(DrainHealthIndicator.class))
			.containsExactly("drainHealthIndicator"));
	}

	@Test
	void backsOffWithoutHealth() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(ConditionalOnEnabledHealthIndicator.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DrainHealthIndicator.class));
	}

	@Test
	void canBeDisabled() {
		this.contextRunner.withPropertyValues("management.health.drain.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(DrainHealthIndicator.class));
	}

}
