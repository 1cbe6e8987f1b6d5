package io.github.gracefulshutdown.durable;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.durable.DurableApplication.Jobs;
import io.github.gracefulshutdown.durable.DurableApplication.Order;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.ApplicationRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DurableEngine}.
 *
 * @author The Graceful Shutdown authors
 */
class DurableEngineTests {

	private static final String ONE_THREAD = "graceful-shutdown.durable.threads=1";

	private final String url = "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
		.formatted(UUID.randomUUID());

	@Test
	void callersThatHoldAllConnectionsDoNotWaitForTheStart() {
		try (ConfigurableApplicationContext context = DurableApplication.start(Busy.class, this.url,
				"spring.datasource.hikari.maximum-pool-size=3")) {
			Awaitility.await().untilAsserted(() -> assertThat(DurableApplication.jobs(context).done()).hasSize(3));
		}
	}

	@Test
	void anErrorOfAnObservationDoesNotKeepAJobFromEnding() {
		try (ConfigurableApplicationContext context = DurableApplication.start(BrokenObservations.class, this.url,
				ONE_THREAD)) {
			Jobs jobs = DurableApplication.jobs(context);
			for (int i = 0; i < 4; i++) {
				jobs.order(new Order(String.valueOf(i), null, i));
			}
			Awaitility.await()
				.untilAsserted(() -> assertThat(DurableApplication.stored(DurableApplication.jdbc(context))).isEmpty());
			assertThat(jobs.done()).hasSize(4);
			assertThat(DurableApplication.close(context).state()).isEqualTo(DrainState.DRAINED);
		}
	}

	@Test
	void anAnnouncementIsNotForgottenWhileThereAreCandidatesEnough() {
		try (ConfigurableApplicationContext context = DurableApplication.start(this.url, ONE_THREAD)) {
			Jobs jobs = DurableApplication.jobs(context);
			jobs.gated("1");
			DurableApplication.gate(context).awaitArrivals(1);
			jobs.order(new Order("2", null, 1));
			jobs.order(new Order("3", null, 1));
			DurableApplication.store(DurableApplication.jdbc(context), "async", "[\"of another instance\"]");
			context.getBean(DurableWorkload.class).resumeAccepting();
			Awaitility.await()
				.during(Duration.ofMillis(100))
				.until(() -> context.getBean(DurableEngine.class).isFull());
			DurableApplication.gate(context).open();
			Awaitility.await().untilAsserted(() -> assertThat(jobs.done()).hasSize(4));
		}
	}

	@Test
	void jobsBehindAPageOfSuspectsDoNotWaitForThem() {
		try (ConfigurableApplicationContext context = DurableApplication.start(this.url,
				"graceful-shutdown.durable.threads=2")) {
			for (int i = 1; i <= 15; i++) {
				DurableApplication.jdbc(context)
					.update("insert into durable_jobs (id, name, payload, state, accepted_at, due_at, version, attempts,"
							+ " deaths) values (?, 'gated', '[\"suspect\"]', 'QUEUED', 1, ?, 1, 0, 2)", "id" + i, i);
			}
			DurableApplication.jdbc(context)
				.update("insert into durable_jobs (id, name, payload, state, accepted_at, due_at, version, attempts,"
						+ " deaths) values ('late', 'async', '[\"1\"]', 'QUEUED', 1, 1000, 1, 0, 0)");
			context.getBean(DurableWorkload.class).resumeAccepting();
			Jobs jobs = DurableApplication.jobs(context);
			Awaitility.await().untilAsserted(() -> assertThat(jobs.done()).hasSize(1));
			assertThat(DurableApplication.gate(context).getArrived()).isEqualTo(1);
			DurableApplication.gate(context).open();
			Awaitility.await().untilAsserted(() -> assertThat(jobs.done()).hasSize(16));
		}
	}

	@Test
	void aJobHasNoThreadLocalsOfItsCaller() throws InterruptedException {
		InheritableThreadLocal<String> user = new InheritableThreadLocal<>();
		List<String> seen = new CopyOnWriteArrayList<>();
		try (ConfigurableApplicationContext context = DurableApplication.start(this.url)) {
			context.getBean(DurableEngine.class)
				.getStatistics()
				.onBegin((job, waited) -> seen.add(job + " " + user.get()));
			Thread caller = new Thread(() -> {
				user.set("alice");
				DurableApplication.jobs(context).order(new Order("1", null, 1));
			});
			caller.start();
			caller.join();
			Awaitility.await().untilAsserted(() -> assertThat(seen).containsExactly("order null"));
		}
	}

	static class Busy extends DurableApplication {

		@Bean
		ApplicationRunner busy(Jobs jobs, PlatformTransactionManager transactions, DurableEngine engine) {
			return (arguments) -> {
				CountDownLatch begun = new CountDownLatch(3);
				for (int i = 0; i < 3; i++) {
					new Thread(() -> new TransactionTemplate(transactions).executeWithoutResult((status) -> {
						begun.countDown();
						Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> isStarting(engine));
						jobs.order(new Order("request", null, 1));
					})).start();
				}
				begun.await();
			};
		}

		private static boolean isStarting(DurableEngine engine) {
			return Thread.getAllStackTraces()
				.values()
				.stream()
				.flatMap((stack) -> List.of(stack).stream())
				.anyMatch((frame) -> frame.getClassName().equals(engine.getClass().getName())
						&& frame.getMethodName().equals("start"));
		}

	}

	static class BrokenObservations extends DurableApplication {

		@Bean
		ObservationRegistry observationRegistry() {
			ObservationRegistry registry = ObservationRegistry.create();
			registry.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {

				@Override
				public void onStop(Observation.Context context) {
					if ("durable.job".equals(context.getName())) {
						throw new StackOverflowError("handler");
					}
				}

				@Override
				public boolean supportsContext(Observation.Context context) {
					return true;
				}

			});
			return registry;
		}

	}

}
