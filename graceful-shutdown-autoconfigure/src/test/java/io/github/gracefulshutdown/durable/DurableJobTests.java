package io.github.gracefulshutdown.durable;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import javax.sql.DataSource;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.durable.DurableApplication.Jobs;
import io.github.gracefulshutdown.durable.DurableApplication.Order;
import io.github.gracefulshutdown.job.Gate;
import io.github.gracefulshutdown.job.JobContext;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for durable jobs in a database.
 *
 * @author The Graceful Shutdown authors
 */
abstract class DurableJobTests {

	private static final Duration LIMIT = Duration.ofSeconds(20);

	static final String OFTEN = "graceful-shutdown.durable.poll-interval=20ms";

	static final String ONE_THREAD = "graceful-shutdown.durable.threads=1";

	private String url;

	private JdbcTemplate jdbc;

	private @Nullable ConfigurableApplicationContext context;

	abstract String newDatabase();

	DataSource connect(String url) {
		return new DriverManagerDataSource(url);
	}

	@BeforeEach
	void createDatabase() {
		this.url = newDatabase();
		DataSource dataSource = connect(this.url);
		this.jdbc = new JdbcTemplate(dataSource);
		DurableSchema.create(dataSource, Database.connect(dataSource).database());
	}

	@AfterEach
	void close() {
		ConfigurableApplicationContext context = this.context;
		this.context = null;
		if (context != null) {
			DurableApplication.gate(context).open();
			context.close();
		}
	}

	final String url() {
		return this.url;
	}

	final JdbcTemplate jdbc() {
		return this.jdbc;
	}

	final Jobs start(String... properties) {
		ConfigurableApplicationContext context = DurableApplication.start(this.url, properties);
		this.context = context;
		return DurableApplication.jobs(context);
	}

	final Gate gate() {
		return DurableApplication.gate(context());
	}

	final ConfigurableApplicationContext context() {
		return Objects.requireNonNull(this.context);
	}

	static ConditionFactory await() {
		return Awaitility.await().atMost(LIMIT);
	}

	final void awaitNothingStored() {
		await().untilAsserted(() -> assertThat(DurableApplication.stored(this.jdbc)).isEmpty());
	}

	final DrainReport closeWhile(Runnable action) {
		ConfigurableApplicationContext context = context();
		GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
		CompletableFuture<DrainReport> report = CompletableFuture.supplyAsync(() -> DurableApplication.close(context));
		await().until(() -> shutdown.state() == DrainState.DRAINING || shutdown.state().isEnded());
		action.run();
		DrainReport result = report.join();
		this.context = null;
		return result;
	}

	@Test
	void aCallRunsAtOnceOnAnotherThreadWithACopy() {
		Jobs jobs = start();
		Order order = new Order("1", List.of("a", "ö"), 7);
		jobs.order(order);
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly(order));
		assertThat(jobs.done().get(0)).isNotSameAs(order);
		assertThat(jobs.threads()).allMatch((thread) -> thread.startsWith("durable-"));
		awaitNothingStored();
	}

	@Test
	void asyncBesideItHasNoEffect() {
		Jobs jobs = start();
		jobs.async("1");
		await().untilAsserted(() -> assertThat(jobs.threads()).hasSize(1));
		assertThat(jobs.threads()).allMatch((thread) -> thread.startsWith("durable-"));
		awaitNothingStored();
	}

	@Test
	void manyCallsRunOnce() {
		Jobs jobs = start("graceful-shutdown.durable.threads=3");
		for (int i = 0; i < 60; i++) {
			jobs.order(new Order(String.valueOf(i), null, i));
		}
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(60));
		awaitNothingStored();
		assertThat(jobs.done()).doesNotHaveDuplicates();
	}

	// One thread is kept busy, so that the other one decides on the order
	@Test
	void laterCallsDoNotOvertakeAJobThatHasToBeLookedFor() {
		Jobs jobs = start("graceful-shutdown.durable.threads=2");
		jobs.gated("busy");
		gate().awaitArrivals(1);
		for (int i = 1; i <= 6; i++) {
			jobs.step(String.valueOf(i));
		}
		// Not in the same millisecond as the last one
		this.jdbc.update("update durable_jobs set due_at = due_at - 1000 where payload = '[\"6\"]'");
		jobs.passSteps(1);
		await().untilAsserted(() -> assertThat(DurableApplication.stored(this.jdbc)).hasSize(6));
		jobs.step("7");
		jobs.passSteps(6);
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("1", "2", "3", "4", "5", "6", "7"));
	}

	@Test
	void aCallInATransactionRunsAfterTheCommit() throws InterruptedException {
		Jobs jobs = start();
		Order order = new Order("in transaction", null, 1);
		CountDownLatch called = new CountDownLatch(1);
		CountDownLatch commit = new CountDownLatch(1);
		CompletableFuture<Void> transaction = CompletableFuture
			.runAsync(() -> DurableApplication.transactions(context()).executeWithoutResult((status) -> {
				jobs.order(order);
				called.countDown();
				awaitLatch(commit);
			}));
		called.await();
		Order other = new Order("without transaction", null, 1);
		if (canWriteDuringATransaction()) {
			jobs.order(other);
			await().untilAsserted(() -> assertThat(jobs.done()).containsExactly(other));
		}
		assertThat(jobs.done()).doesNotContain(order);
		commit.countDown();
		transaction.join();
		await().untilAsserted(() -> assertThat(jobs.done()).contains(order));
	}

	boolean canWriteDuringATransaction() {
		return true;
	}

	private static void awaitLatch(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void aRolledBackCallRunsNothing() {
		Jobs jobs = start(OFTEN);
		DurableApplication.transactions(context()).executeWithoutResult((status) -> {
			jobs.order(new Order("rolled back", null, 1));
			status.setRollbackOnly();
		});
		jobs.order(new Order("next", null, 1));
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(1));
		awaitNothingStored();
		assertThat(jobs.done()).containsExactly(new Order("next", null, 1));
	}

	@Test
	void aKeyIsStoredOnceUntilTheJobHasEnded() {
		Jobs jobs = start();
		DurableJobs durable = context().getBean(DurableJobs.class);
		JobId first = durable.enqueue("gated", "1");
		assertThat(durable.enqueue("gated", "1")).isEqualTo(first);
		DurableApplication.transactions(context()).executeWithoutResult((status) -> {
			assertThat(durable.enqueue("gated", "1")).isEqualTo(first);
			assertThat(durable.enqueue("gated", "2")).isNotEqualTo(first);
		});
		gate().open();
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactlyInAnyOrder("1", "2"));
		awaitNothingStored();
		assertThat(durable.enqueue("gated", "1")).isNotEqualTo(first);
	}

	@Test
	void withoutAKeyEachIsStored() {
		Jobs jobs = start();
		gate().open();
		DurableJobs durable = context().getBean(DurableJobs.class);
		durable.enqueue("gated", (Object) null);
		durable.enqueue("gated", (Object) null);
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("null", "null"));
	}

	@Test
	void aPoolMayLeaveTheCommitToItsUsers() {
		Jobs jobs = start("spring.datasource.hikari.auto-commit=false");
		jobs.gated("1");
		gate().awaitArrivals(1);
		assertThat(DurableApplication.stored(this.jdbc)).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("state", "RUNNING"));
		assertThat(instances()).isEqualTo(1);
		gate().open();
		awaitNothingStored();
		close();
		assertThat(instances()).isZero();
	}

	@Test
	void aJobThatFailsRunsAgain() {
		Jobs jobs = start(OFTEN);
		jobs.fail(2);
		jobs.failing("1");
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("1"));
		assertThat(jobs.context().attempt()).isEqualTo(3);
		awaitNothingStored();
	}

	@Test
	void aJobWhoseAttemptsHaveFailedIsADeadLetter() {
		Jobs jobs = start(OFTEN);
		jobs.fail(3);
		jobs.failing("1");
		await().untilAsserted(() -> assertThat(DurableApplication.stored(this.jdbc)).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("state", "DEAD").containsEntry("attempts", 3)));
		assertThat(DurableApplication.stored(this.jdbc).get(0).get("error")).asString().contains("failed 1");
		jobs.order(new Order("next", null, 1));
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(1));
	}

	@Test
	void aDeadLetterRunsAgainWhenItIsRetried() {
		Jobs jobs = start();
		DurableJobs durable = context().getBean(DurableJobs.class);
		jobs.fail(1);
		JobId id = durable.enqueue("fatal", "1");
		await().until(() -> durable.list(DurableJobState.DEAD, 10).size() == 1);
		DurableJobInfo dead = durable.find(id).orElseThrow();
		assertThat(durable.list(DurableJobState.DEAD, 10)).containsExactly(dead);
		assertThat(dead.name()).isEqualTo("fatal");
		assertThat(dead.attempts()).isEqualTo(1);
		assertThat(dead.key()).as("a dead letter keeps no new job away").isNull();
		assertThat(dead.error()).contains("failed 1");
		assertThat(dead.pickedAt()).isBetween(dead.acceptedAt(), dead.acceptedAt().plus(LIMIT));
		DurableApplication.transactions(context()).executeWithoutResult((status) -> {
			assertThat(durable.retry(id)).isTrue();
			assertThat(durable.find(id).orElseThrow().attempts()).isZero();
		});
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("1"));
		assertThat(jobs.context().attempt()).isEqualTo(1);
		await().until(() -> durable.find(id).isEmpty());
		assertThat(durable.retry(id)).isFalse();
		assertThat(durable.discard(id)).isFalse();
	}

	@Test
	void aJobThatRunsCannotBeRetriedOrDiscarded() {
		Jobs jobs = start();
		DurableJobs durable = context().getBean(DurableJobs.class);
		JobId id = durable.enqueue("gated", "1");
		gate().awaitArrivals(1);
		assertThat(durable.retry(id)).isFalse();
		assertThat(durable.discard(id)).isFalse();
		assertThat(durable.find(id)).hasValueSatisfying((job) -> {
			assertThat(job.state()).isEqualTo(DurableJobState.RUNNING);
			assertThat(job.key()).isEqualTo("1");
			assertThat(job.instance()).isNotNull();
		});
		gate().open();
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("1"));
	}

	@Test
	void aQueuedJobIsRetriedBeforeItsPauseEndsOrDiscarded() {
		Jobs jobs = start();
		DurableJobs durable = context().getBean(DurableJobs.class);
		jobs.fail(2);
		JobId retried = durable.enqueue("patient", "retried");
		JobId discarded = durable.enqueue("patient", "discarded");
		await().until(() -> durable.list(DurableJobState.QUEUED, 10)
			.stream()
			.filter((job) -> job.attempts() == 1 && job.error() != null)
			.count() == 2);
		assertThat(durable.list(DurableJobState.QUEUED, 1)).hasSize(1);
		Thread.currentThread().interrupt();
		assertThat(durable.discard(discarded)).isTrue();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(durable.retry(retried)).isTrue();
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("retried"));
		awaitNothingStored();
	}

	@Test
	void aJobThatNobodyKnowsIsLeftAlone() {
		Jobs jobs = start(OFTEN);
		DurableApplication.store(this.jdbc, "unknown", "[]");
		jobs.order(new Order("next", null, 1));
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(1));
		await().untilAsserted(() -> assertThat(DurableApplication.stored(this.jdbc)).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("name", "unknown").containsEntry("state", "QUEUED")));
	}

	@Test
	void aJobOfAFormerNameIsDone() {
		Jobs jobs = start(OFTEN);
		DurableApplication.store(this.jdbc, "old-async", "[\"1\"]");
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(1));
		awaitNothingStored();
	}

	@Test
	void anArgumentMayHaveMorePropertiesAndLess() {
		Jobs jobs = start(OFTEN);
		DurableApplication.store(this.jdbc, "order", "[{\"id\":\"1\",\"color\":\"red\"}]");
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly(new Order("1", null, 0)));
	}

	@Test
	void aJobWhoseArgumentsCannotBeReadIsParked() {
		start(OFTEN);
		DurableApplication.store(this.jdbc, "order", "[[1]]");
		await().untilAsserted(() -> assertThat(DurableApplication.stored(this.jdbc)).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("state", "PARKED").containsEntry("payload", "[[1]]")));
	}

	@Test
	void anErrorWhileArgumentsAreReadIsAFailure() {
		Jobs jobs = start(OFTEN, ONE_THREAD);
		DurableApplication.store(this.jdbc, "fragile", "[{\"text\":\"broken\"}]");
		await().untilAsserted(() -> assertThat(DurableApplication.stored(this.jdbc)).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("state", "DEAD")));
		jobs.order(new Order("next", null, 1));
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(1));
	}

	@Test
	void anErrorThatCannotBeStoredDelaysNoOtherJob() {
		Jobs jobs = start(ONE_THREAD);
		jobs.poisoned("nul");
		jobs.poisoned("toString");
		jobs.order(new Order("next", null, 1));
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(1));
		await().untilAsserted(() -> assertThat(DurableApplication.stored(this.jdbc)).hasSize(2)
			.allSatisfy((job) -> assertThat(job).containsEntry("state", "DEAD")));
	}

	@Test
	void argumentsThatDoNotFitAreRefused() {
		start();
		DurableJobs durable = context().getBean(DurableJobs.class);
		assertThatIllegalArgumentException().isThrownBy(() -> durable.enqueue("none"))
			.withMessage("There is no durable job 'none' in this application");
		assertThatIllegalArgumentException().isThrownBy(() -> durable.enqueue("order"))
			.withMessage("Job 'order' has 1 arguments, not 0");
		assertThatIllegalArgumentException().isThrownBy(() -> durable.enqueue("order", "text"))
			.withMessageContaining("is a java.lang.String, not a");
		assertThatIllegalArgumentException().isThrownBy(() -> durable.enqueue("async", "a".repeat(256 * 1024)))
			.withMessageContaining("The arguments of job 'async' in JSON: 262148 bytes, but at most 262144");
	}

	@Test
	void queuedJobsAreLeftToTheNextProcess() {
		Jobs jobs = start(ONE_THREAD);
		jobs.gated("running");
		gate().awaitArrivals(1);
		jobs.gated("queued");
		jobs.order(new Order("queued", null, 1));
		Gate gate = gate();
		DrainReport report = closeWhile(gate::open);
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(DurableApplication.durable(report).atSignal()).isEqualTo(1);
		assertThat(DurableApplication.durable(report).outcomes()).isEqualTo(Map.of(WorkState.COMPLETED, 1L));
		assertThat(jobs.done()).containsExactly("running");
		Jobs next = start();
		gate().open();
		await().untilAsserted(
				() -> assertThat(next.done()).containsExactlyInAnyOrder("queued", new Order("queued", null, 1)));
		awaitNothingStored();
	}

	@Test
	void aJobThatIsInterruptedIsHandedOver() {
		Jobs jobs = start("graceful-shutdown.grace-period=2s", "graceful-shutdown.reserve=1s",
				"graceful-shutdown.cancel-before-deadline=900ms");
		jobs.gated("1");
		gate().awaitArrivals(1);
		JobContext context = jobs.context();
		assertThat(context.isStopping()).isFalse();
		DrainReport report = closeWhile(() -> {
		});
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(report.toString()).contains("durable 1 at the signal, 1 handed_over, 0 abandoned");
		assertThat(context.isStopping()).isTrue();
		assertThat(context.isCancelled()).isTrue();
		assertThat(DurableApplication.stored(this.jdbc)).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("state", "QUEUED")
				.containsEntry("attempts", 0)
				.containsEntry("owner", null));
		Jobs next = start();
		gate().open();
		await().untilAsserted(() -> assertThat(next.done()).containsExactly("1"));
	}

	@Test
	void aJobThatIsCancelledByTheSignalIsHandedOverAtOnce() {
		Jobs jobs = start();
		jobs.cancelled("1");
		gate().awaitArrivals(1);
		DrainReport report = closeWhile(() -> {
		});
		assertThat(DurableApplication.durable(report).outcomes()).isEqualTo(Map.of(WorkState.HANDED_OVER, 1L));
		Jobs next = start();
		gate().open();
		await().untilAsserted(() -> assertThat(next.done()).containsExactly("1"));
	}

	@Test
	void aJobThatIgnoresTheInterruptIsNamedAndStaysLocked() {
		Jobs jobs = start("graceful-shutdown.grace-period=1s", "graceful-shutdown.reserve=500ms",
				"graceful-shutdown.cancel-before-deadline=300ms");
		jobs.stubborn("1");
		gate().awaitArrivals(1);
		Object id = DurableApplication.stored(this.jdbc).get(0).get("id");
		Gate gate = gate();
		DrainReport report = closeWhile(() -> {
		});
		assertThat(report.abandoned()).singleElement()
			.satisfies((work) -> assertThat(work.name()).isEqualTo("stubborn " + id));
		assertThat(DurableApplication.stored(this.jdbc)).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("state", "RUNNING"));
		gate.open();
	}

	@Test
	void aJobThatIsHandedOverGoesOnFromItsProgress() {
		Jobs jobs = start();
		jobs.pages(4, 2);
		gate().awaitArrivals(1);
		String id = jobs.context().id();
		assertThat(DurableApplication.stored(this.jdbc)).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("id", id).containsEntry("progress", "2"));
		closeWhile(() -> {
		});
		Jobs next = start();
		gate().open();
		await().untilAsserted(() -> assertThat(next.done()).containsExactly("page 2", "page 3"));
		assertThat(jobs.done()).containsExactly("page 0", "page 1");
		assertThat(next.context().id()).isEqualTo(id);
		assertThat(next.context().attempt()).isEqualTo(1);
		awaitNothingStored();
	}

	@Test
	void progressIsSavedWithTheTransactionOfTheCaller() {
		Jobs jobs = start();
		jobs.gated("1");
		gate().awaitArrivals(1);
		DurableApplication.transactions(context()).executeWithoutResult((status) -> {
			jobs.context().saveProgress("rolled back");
			status.setRollbackOnly();
		});
		assertThat(progress()).isNull();
		DurableApplication.transactions(context())
			.executeWithoutResult((status) -> jobs.context().saveProgress("saved"));
		assertThat(progress()).isEqualTo("\"saved\"");
		Thread.currentThread().interrupt();
		jobs.context().saveProgress("interrupted");
		assertThat(Thread.interrupted()).isTrue();
		assertThat(progress()).isEqualTo("\"interrupted\"");
	}

	private @Nullable Object progress() {
		return DurableApplication.stored(this.jdbc).get(0).get("progress");
	}

	@Test
	void progressThatCannotBeStoredIsRefused() {
		Jobs jobs = start();
		jobs.gated("1");
		gate().awaitArrivals(1);
		JobContext context = jobs.context();
		assertThatIllegalArgumentException().isThrownBy(() -> context.saveProgress("a".repeat(256 * 1024)))
			.withMessageContaining("The progress of job 'gated' in JSON: 262146 bytes, but at most 262144");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> context.saveProgress(new DurableApplication.Unwritable(1)))
			.withMessageContaining("The progress of job 'gated' cannot be written to JSON");
		this.jdbc.update("update durable_jobs set version = version + 1");
		assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> context.saveProgress(1))
			.withMessageContaining("is no longer a job of this instance");
	}

	@Test
	void aCallDuringTheDrainIsStored() {
		Jobs jobs = start();
		context().getBean(DurableJobs.class).enqueue("nested", "late");
		gate().awaitArrivals(1);
		Gate gate = gate();
		closeWhile(gate::open);
		assertThat(jobs.done()).as("the interrupt is kept").containsExactly(true);
		Jobs next = start();
		await().untilAsserted(() -> assertThat(next.done()).containsExactly(new Order("late", null, 1)));
	}

	@Test
	void nothingBeginsInStandby() {
		Jobs jobs = start(OFTEN);
		GracefulShutdown shutdown = context().getBean(GracefulShutdown.class);
		jobs.gated("running");
		gate().awaitArrivals(1);
		shutdown.standBy("test");
		jobs.order(new Order("later", null, 1));
		assertThat(jobs.context().isStopping()).isFalse();
		gate().open();
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("running"));
		await().untilAsserted(() -> assertThat(DurableApplication.stored(this.jdbc)).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("state", "QUEUED")));
		shutdown.resume();
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(2));
	}

	@Test
	void aShutdownFromStandbyCancels() {
		Jobs jobs = start();
		jobs.cancelled("1");
		gate().awaitArrivals(1);
		context().getBean(GracefulShutdown.class).standBy("test");
		DrainReport report = closeWhile(() -> {
		});
		assertThat(DurableApplication.durable(report).outcomes()).isEqualTo(Map.of(WorkState.HANDED_OVER, 1L));
	}

	@Test
	void theJobsOfADeadProcessRunAgain() {
		start();
		this.jdbc.update("insert into durable_instances (id, lock_key, seen_at) values ('dead', 1, 1)");
		DurableApplication.store(this.jdbc, "async", "[\"1\"]", "RUNNING", "dead", 0);
		DurableApplication.store(this.jdbc, "async", "[\"2\"]", "RUNNING", "dead", 2);
		Jobs jobs = DurableApplication.jobs(context());
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly(new Order("1", null, 0)));
		await().untilAsserted(() -> assertThat(DurableApplication.stored(this.jdbc)).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("state", "DEAD").containsEntry("deaths", 3)));
		await().untilAsserted(
				() -> assertThat(this.jdbc.queryForList("select id from durable_instances where id = 'dead'"))
					.isEmpty());
	}

	@Test
	void jobsThatMayEndTheirProcessRunOneAfterTheOther() {
		DurableApplication.store(this.jdbc, "gated", "[\"1\"]", "QUEUED", null, 2);
		DurableApplication.store(this.jdbc, "cancelled", "[\"2\"]", "QUEUED", null, 2);
		DurableApplication.store(this.jdbc, "stubborn", "[\"3\"]", "QUEUED", null, 1);
		Jobs jobs = start(OFTEN);
		gate().awaitArrivals(2);
		jobs.order(new Order("4", null, 0));
		await().until(() -> jobs.done().size() == 1);
		assertThat(this.jdbc.queryForList("select deaths from durable_jobs where state = 'RUNNING' and deaths > 0",
				Integer.class))
			.containsExactlyInAnyOrder(1, 2);
		assertThat(gate().getArrived()).isEqualTo(2);
		gate().open();
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(4));
		awaitNothingStored();
	}

	@Test
	void jobsOfAnInstanceThatIsNotListedRunAgain() {
		DurableApplication.store(this.jdbc, "async", "[\"1\"]", "RUNNING", "not listed", 0);
		Jobs jobs = start(OFTEN);
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(1));
		awaitNothingStored();
	}

	@Test
	void theJobsOfALivingProcessAreLeftToIt() {
		Jobs jobs = start(OFTEN);
		jobs.gated("1");
		gate().awaitArrivals(1);
		try (ConfigurableApplicationContext other = DurableApplication.start(this.url, OFTEN)) {
			DurableApplication.jobs(other).order(new Order("other", null, 1));
			await().untilAsserted(
					() -> assertThat(jobs.done().size() + DurableApplication.jobs(other).done().size()).isEqualTo(1));
			assertThat(DurableApplication.gate(other).getArrived()).isZero();
		}
		gate().open();
		await().untilAsserted(() -> assertThat(jobs.done()).contains("1"));
		awaitNothingStored();
	}

	@Test
	void anotherInstanceTakesWhatIsQueued() {
		Jobs jobs = start(ONE_THREAD);
		jobs.gated("running");
		gate().awaitArrivals(1);
		try (ConfigurableApplicationContext other = DurableApplication.start(this.url, OFTEN)) {
			jobs.order(new Order("queued", null, 1));
			await().untilAsserted(() -> assertThat(DurableApplication.jobs(other).done()).hasSize(1));
		}
		assertThat(jobs.done()).isEmpty();
	}

	@Test
	void theInstanceIsForgottenWhenItEnds() {
		start();
		assertThat(instances()).isEqualTo(1);
		close();
		assertThat(instances()).isZero();
	}

	private int instances() {
		return Objects
			.requireNonNull(this.jdbc.queryForObject("select count(*) from durable_instances", Integer.class));
	}

}
