package io.github.gracefulshutdown.job;

import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.WorkState;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Scheduled} methods that return a publisher.
 *
 * @author The Graceful Shutdown authors
 */
class ReactiveScheduleTests {

	private final ApplicationContextRunner contextRunner = JobApplication.runner()
		.withUserConfiguration(SchedulingConfiguration.class)
		.withBean(Ticks.class);

	@Test
	void aRunIsWaitedForUntilItsPublisherHasEnded() {
		this.contextRunner.run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			Ticks ticks = context.getBean(Ticks.class);
			await().atMost(Gate.LIMIT)
				.untilAsserted(() -> assertThat(JobApplication.namesInFlight(context)).containsExactly("Ticks.tick"));
			JobApplication application = JobApplication.of(context);
			application.onDrainStarted(ticks::end);
			context.close();
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED);
			assertThat(application.report().workloads().get(0).atSignal()).isOne();
		});
	}

	@Test
	void aRunIsNoJobIfSchedulesAreNotTracked() {
		this.contextRunner.withPropertyValues("graceful-shutdown.jobs.track-scheduled=false").run((context) -> {
			await().atMost(Gate.LIMIT).until(() -> context.getBean(Ticks.class).isSubscribed());
			assertThat(JobApplication.namesInFlight(context)).isEmpty();
		});
	}

	static class Ticks {

		private final Sinks.Empty<Void> end = Sinks.empty();

		@Scheduled(fixedRate = 1, timeUnit = TimeUnit.HOURS)
		Mono<Void> tick() {
			return this.end.asMono();
		}

		void end() {
			this.end.tryEmitEmpty();
		}

		boolean isSubscribed() {
			return this.end.currentSubscriberCount() > 0;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class SchedulingConfiguration {

	}

}
