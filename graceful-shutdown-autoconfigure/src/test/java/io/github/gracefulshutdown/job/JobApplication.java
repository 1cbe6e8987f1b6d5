package io.github.gracefulshutdown.job;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.autoconfigure.BackgroundJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.ReactiveBackgroundJobAutoConfiguration;
import io.github.gracefulshutdown.tracking.DroppedTickets;
import io.github.gracefulshutdown.tracking.InFlight;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.EnableAsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Application with background jobs, whose drain tests can observe.
 *
 * @author The Graceful Shutdown authors
 */
class JobApplication {

	private final List<DrainReport> reports = new CopyOnWriteArrayList<>();

	private volatile Runnable onDrainStarted = () -> {
	};

	private volatile Runnable onDrainCompleted = () -> {
	};

	static ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class,
					ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
					PropertyPlaceholderAutoConfiguration.class, TaskExecutionAutoConfiguration.class,
					GracefulShutdownAutoConfiguration.class, BackgroundJobAutoConfiguration.class,
					ReactiveBackgroundJobAutoConfiguration.class, ExecutorDrainAutoConfiguration.class))
			.withBean(JobApplication.class)
			.withBean(Gate.class)
			.withBean(Jobs.class);
	}

	static ApplicationContextRunner asyncRunner() {
		return runner().withUserConfiguration(AsyncConfiguration.class);
	}

	/**
	 * Let the drain request a garbage collection after half a second, not five.
	 * @param runner the runner
	 * @return a runner whose clock for dropped jobs runs ten times as fast
	 */
	static ApplicationContextRunner impatient(ApplicationContextRunner runner) {
		return runner
			.withInitializer((context) -> context.getBeanFactory().addBeanPostProcessor(new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String beanName) {
					return (bean instanceof DroppedTickets)
							? new DroppedTickets(context.getBean(InFlight.class), () -> 10 * System.nanoTime()) : bean;
				}

			}));
	}

	static JobApplication of(ApplicationContext context) {
		return context.getBean(JobApplication.class);
	}

	static JobWorkload jobs(ApplicationContext context) {
		return context.getBean(JobWorkload.class);
	}

	static List<String> namesInFlight(ApplicationContext context) {
		return jobs(context).describe(100).stream().map((job) -> job.name()).toList();
	}

	static void assertOutcomes(JobWorkload jobs, WorkState... expected) {
		assertThat(jobs.getInFlight()).isZero();
		assertThat(outcomes(jobs)).isEqualTo(count(expected));
	}

	static void awaitOutcomes(JobWorkload jobs, WorkState... expected) {
		await().atMost(Gate.LIMIT).untilAsserted(() -> assertOutcomes(jobs, expected));
	}

	static void awaitState(JobWorkload jobs, WorkState expected) {
		await().atMost(Gate.LIMIT)
			.untilAsserted(() -> assertThat(jobs.describe(10)).singleElement()
				.satisfies((job) -> assertThat(job.state()).isEqualTo(expected)));
	}

	static void awaitState(JobWorkload jobs, WorkState expected, int number) {
		await().atMost(Gate.LIMIT)
			.untilAsserted(
					() -> assertThat(jobs.describe(10)).hasSize(number).allMatch((job) -> job.state() == expected));
	}

	static Map<WorkState, Long> outcomes(JobWorkload jobs) {
		Map<WorkState, Long> outcomes = new EnumMap<>(WorkState.class);
		Stream.of(WorkState.values())
			.filter(WorkState::isOutcome)
			.filter((outcome) -> jobs.getCount(outcome) != 0)
			.forEach((outcome) -> outcomes.put(outcome, jobs.getCount(outcome)));
		return outcomes;
	}

	private static Map<WorkState, Long> count(WorkState... outcomes) {
		Map<WorkState, Long> counts = new EnumMap<>(WorkState.class);
		Stream.of(outcomes).forEach((outcome) -> counts.merge(outcome, 1L, Long::sum));
		return counts;
	}

	void onDrainStarted(Runnable action) {
		this.onDrainStarted = action;
	}

	void onDrainCompleted(Runnable action) {
		this.onDrainCompleted = action;
	}

	/**
	 * Return the report of the only drain, even if the application context is closed.
	 * @return the report
	 */
	DrainReport report() {
		assertThat(this.reports).hasSize(1);
		return this.reports.get(0);
	}

	@EventListener
	void on(DrainStartedEvent event) {
		this.onDrainStarted.run();
	}

	@EventListener
	void on(DrainCompletedEvent event) {
		this.reports.add(event.report());
		this.onDrainCompleted.run();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class AsyncConfiguration {

	}

}
