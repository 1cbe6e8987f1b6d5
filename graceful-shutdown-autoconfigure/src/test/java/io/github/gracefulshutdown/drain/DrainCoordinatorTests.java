package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.ServingStoppedEvent;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TestWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link DrainCoordinator}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class DrainCoordinatorTests {

	private static final DrainPlan LONG = plan(Duration.ofSeconds(40), Duration.ZERO);

	/**
	 * The deadline comes after a second, and the kill much later: the machine may be
	 * slow.
	 */
	private static final DrainPlan SHORT = new DrainPlan(Duration.ofSeconds(21), Duration.ofSeconds(20), Duration.ZERO,
			Duration.ofMillis(600), Duration.ofMillis(100));

	private final List<Object> story = new CopyOnWriteArrayList<>();

	private final InFlight inFlight = new InFlight();

	private final ServingRecordingWorkload requests = new ServingRecordingWorkload();

	private final RecordingWorkload jobs = new RecordingWorkload("jobs");

	private final ApplicationAvailability availability = mock(ApplicationAvailability.class);

	private final ExecutorService executor = Executors.newCachedThreadPool();

	@AfterEach
	void stop() {
		this.executor.shutdownNow();
	}

	@Test
	void tellsTheStoryInOrder() {
		DrainReport report = drain(plan(Duration.ofSeconds(40), Duration.ofSeconds(1)), this.requests, this.jobs);
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(this.story).containsExactly("REFUSING_TRAFFIC", "DrainStartedEvent", "jobs stopAccepting",
				"requests enterLameDuck", "requests stopAccepting", "ServingStoppedEvent", "requests endStreams",
				"DrainCompletedEvent");
	}

	@Test
	void withoutDelayThereIsNoLameDuck() {
		drain(LONG, this.requests);
		assertThat(this.story).containsExactly("REFUSING_TRAFFIC", "DrainStartedEvent", "requests stopAccepting",
				"ServingStoppedEvent", "requests endStreams", "DrainCompletedEvent");
	}

	@Test
	void withoutServingWorkloadsTheDelayIsSkipped() {
		DrainReport report = drain(plan(Duration.ofSeconds(40), Duration.ofSeconds(30)), this.jobs);
		assertThat(report.duration()).isLessThan(Duration.ofSeconds(20));
	}

	@Test
	void withoutClientsTheDelayIsSkipped() {
		this.requests.withoutClients = true;
		DrainReport report = drain(plan(Duration.ofSeconds(40), Duration.ofSeconds(30)), this.requests);
		assertThat(report.duration()).isLessThan(Duration.ofSeconds(20));
	}

	@Test
	void aLingeringWorkloadDoesNotFailTheDrain() {
		this.requests.lingering = true;
		assertThat(drain(SHORT, this.requests).state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void workThatClosesTheContextIsNotWaitedFor() {
		Work job = this.jobs.begin();
		job.attach();
		DrainReport report = drain(LONG, this.jobs);
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(report.duration()).isLessThan(Duration.ofSeconds(20));
		assertThat(job.end(WorkState.COMPLETED)).isFalse();
	}

	@Test
	void workThatIsHandedToAWorkloadThatWasAskedBeforeIsWaitedFor() {
		Mails mails = new Mails();
		Workload orders = workload("orders", () -> {
			mails.received.compareAndSet(0, 1);
			return true;
		});
		drain(LONG, mails, orders);
		assertThat(mails.sent).isTrue();
	}

	/**
	 * A look asks twice. The job comes and goes when all has been looked at but the last
	 * workload, and the work that it leaves behind submits a job itself.
	 */
	@Test
	void workThatAShortJobHandsOverDuringALookMaySubmitJobs() {
		AtomicInteger handedOver = new AtomicInteger();
		AtomicInteger asked = new AtomicInteger();
		Workload mails = workload("mails", () -> {
			if (handedOver.compareAndSet(1, 2)) {
				this.jobs.begin().end(WorkState.COMPLETED);
				return false;
			}
			return true;
		});
		Workload last = workload("last", () -> {
			if (asked.incrementAndGet() == 2) {
				Work job = this.jobs.begin();
				handedOver.set(1);
				job.end(WorkState.COMPLETED);
			}
			return true;
		});
		drain(LONG, this.jobs, mails, last);
		assertThat(this.jobs.getCount(WorkState.COMPLETED)).isEqualTo(2);
		assertThat(this.jobs.getCount(WorkState.REJECTED)).isZero();
	}

	private static Workload workload(String name, BooleanSupplier idle) {
		Workload workload = mock(Workload.class);
		given(workload.getName()).willReturn(name);
		given(workload.isIdle()).willAnswer((invocation) -> idle.getAsBoolean());
		return workload;
	}

	@Test
	void aLoopFromTheStartIsInterruptedInAClosedContextWhenAllElseIsDone(CapturedOutput output) throws Exception {
		TestEngine engine = engine(LONG, this.jobs);
		Thread loop = startLoop(engine);
		Work job = this.jobs.begin();
		job.attach();
		job.detach();
		Future<DrainReport> drain = this.executor
			.submit(() -> drain(engine, DrainSignal.contextClosed(System.nanoTime())));
		await().pollDelay(Duration.ofMillis(1500)).until(loop::isAlive);
		job.end(WorkState.COMPLETED);
		DrainReport report = drain.get(20, TimeUnit.SECONDS);
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(output).contains("Interrupting jobs: it began before the application was ready");
	}

	@Test
	void aLoopFromTheStartIsNamedInAShutdown(CapturedOutput output) throws Exception {
		TestEngine engine = engine(LONG, this.jobs);
		Thread loop = startLoop(engine);
		Future<DrainReport> drain = this.executor
			.submit(() -> drain(engine, new DrainSignal("SIGTERM", System.nanoTime())));
		await().until(() -> output.toString().contains("Waiting for jobs: it began before the application was ready"));
		assertThat(loop.isAlive()).isTrue();
		loop.interrupt();
		assertThat(drain.get(20, TimeUnit.SECONDS).state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void workThatBeganAfterTheStartIsNoLoop(CapturedOutput output) throws Exception {
		TestEngine engine = engine(LONG, this.jobs);
		becomeReady(engine);
		Work job = this.jobs.begin();
		job.attach();
		job.detach();
		Future<DrainReport> drain = this.executor
			.submit(() -> drain(engine, DrainSignal.contextClosed(System.nanoTime())));
		await().pollDelay(Duration.ofMillis(1500)).until(() -> !job.isCancelled());
		job.end(WorkState.COMPLETED);
		drain.get(20, TimeUnit.SECONDS);
		assertThat(output).doesNotContain("before the application was ready");
	}

	private TestEngine engine(DrainPlan plan, Workload... workloads) {
		return new TestEngine(plan, this.inFlight, () -> List.of(workloads), this.availability, (event) -> {
		}, System::nanoTime);
	}

	private DrainReport drain(TestEngine engine, DrainSignal signal) {
		return engine.coordinator()
			.drain(signal, LONG.startingAt(signal.nanos(), System::nanoTime), Thread.currentThread());
	}

	private Thread startLoop(TestEngine engine) {
		Work work = this.jobs.begin();
		CountDownLatch begun = new CountDownLatch(1);
		Thread loop = new Thread(() -> {
			work.attach();
			begun.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				work.end(WorkState.CANCELLED);
			}
		});
		loop.start();
		await().until(() -> begun.getCount() == 0);
		becomeReady(engine);
		return loop;
	}

	private void becomeReady(TestEngine engine) {
		engine.coordinator()
			.getLoops()
			.onApplicationEvent(new AvailabilityChangeEvent<>(this, ReadinessState.ACCEPTING_TRAFFIC));
	}

	@Test
	void readinessThatIsRefusedAlreadyIsNotPublishedAgain() {
		given(this.availability.getReadinessState()).willReturn(ReadinessState.REFUSING_TRAFFIC);
		drain(LONG);
		assertThat(this.story).containsExactly("DrainStartedEvent", "ServingStoppedEvent", "DrainCompletedEvent");
	}

	@Test
	void waitsForRequestsThenForJobsAndIsWokenByTheirEnd() throws Exception {
		Work request = this.requests.begin();
		Work job = this.jobs.begin();
		Future<DrainReport> drain = this.executor.submit(() -> drain(LONG, this.requests, this.jobs));
		await().until(() -> this.story.contains("requests stopAccepting"));
		assertThat(this.story).doesNotContain("ServingStoppedEvent");
		request.end(WorkState.COMPLETED);
		await().until(() -> this.story.contains("ServingStoppedEvent"));
		Work child = this.jobs.begin();
		job.end(WorkState.FAILED);
		assertThat(drain.isDone()).isFalse();
		assertThat(this.story).doesNotContain("requests endStreams");
		child.end(WorkState.COMPLETED);
		DrainReport report = drain.get(20, TimeUnit.SECONDS);
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(report.abandoned()).isEmpty();
		assertThat(report.workloads()).element(1).satisfies((jobs) -> {
			assertThat(jobs.atSignal()).isEqualTo(1);
			assertThat(jobs.outcomes()).isEqualTo(Map.of(WorkState.COMPLETED, 1L, WorkState.FAILED, 1L));
		});
		assertThat(this.jobs.tryBegin()).isNull();
	}

	@Test
	void streamsAreEndedBeforeWorkIsInterrupted() {
		this.requests.begin();
		assertThat(drain(SHORT, this.requests).state()).isEqualTo(DrainState.EXPIRED);
		assertThat(this.story).containsSubsequence("ServingStoppedEvent", "requests endStreams", "requests cancel");
	}

	@Test
	void trackedWorkIsSeldomLookedAt() throws Exception {
		Work job = this.jobs.begin();
		long begin = System.nanoTime();
		Future<DrainReport> drain = this.executor.submit(() -> drain(LONG, this.jobs));
		await().until(() -> this.jobs.looks.get() >= 10);
		job.end(WorkState.COMPLETED);
		drain.get(20, TimeUnit.SECONDS);
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(500));
	}

	@Test
	void workThatIsLeftIsInterruptedThenAbandonedByName(CapturedOutput output) throws Exception {
		Work polite = this.jobs.begin();
		CountDownLatch running = new CountDownLatch(2);
		this.executor.submit(() -> {
			polite.attach();
			running.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				polite.end(WorkState.CANCELLED);
			}
		});
		Work stuck = this.jobs.begin();
		CountDownLatch release = new CountDownLatch(1);
		this.executor.submit(() -> {
			stuck.attach();
			running.countDown();
			awaitIgnoringInterrupts(release);
			return stuck.end(WorkState.COMPLETED);
		});
		running.await();
		Work queued = this.jobs.begin();
		DrainReport report = drain(SHORT, this.jobs);
		assertThat(report.state()).isEqualTo(DrainState.EXPIRED);
		assertThat(report.workloads().get(0).outcomes()).isEqualTo(Map.of(WorkState.CANCELLED, 1L));
		assertThat(report.abandoned()).extracting(WorkSnapshot::state)
			.containsExactlyInAnyOrder(WorkState.RUNNING, WorkState.QUEUED);
		assertThat(queued.attach()).isFalse();
		assertThat(output).contains("Abandoned jobs: jobs, running")
			.contains("awaitIgnoringInterrupts")
			.contains("Abandoned 1 of jobs: jobs (queued)");
		release.countDown();
		await().until(() -> stuck.getState() == WorkState.ABANDONED && this.jobs.getInFlight() == 0);
	}

	@Test
	void anInterruptOfTheClosingThreadDoesNotEndTheDrainAndStaysPending() throws Exception {
		Work job = this.jobs.begin();
		CountDownLatch interrupted = new CountDownLatch(1);
		Future<Boolean> stillInterrupted = this.executor.submit(() -> {
			Thread.currentThread().interrupt();
			interrupted.countDown();
			drain(LONG, this.jobs);
			return Thread.currentThread().isInterrupted();
		});
		interrupted.await();
		await().until(() -> this.story.contains("ServingStoppedEvent"));
		assertThat(stillInterrupted.isDone()).isFalse();
		job.end(WorkState.COMPLETED);
		assertThat(stillInterrupted.get(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void anExceptionOfAWorkloadIsLoggedAndNothingMore(CapturedOutput output) {
		DrainReport report = drain(LONG, new ThrowingWorkload(), this.jobs);
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(this.story).endsWith("ServingStoppedEvent", "DrainCompletedEvent");
		assertThat(output).contains("stopAccepting of broken failed").contains("boom");
	}

	@Test
	void anExceptionOfAListenerIsLoggedAndNothingMore(CapturedOutput output) {
		DrainReport report = TestEngine.drain(coordinator(LONG, (event) -> {
			throw new AssertionError("boom");
		}, this.jobs), "test", LONG.startingAt(System.nanoTime(), System::nanoTime));
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(output).contains("a listener to DrainStartedEvent failed");
	}

	@Test
	void aListenerThatHangsIsLeftAloneAtTheDeadline(CapturedOutput output) {
		CountDownLatch never = new CountDownLatch(1);
		DrainReport report = TestEngine.drain(coordinator(SHORT, (event) -> {
			if (event instanceof ServingStoppedEvent) {
				awaitIgnoringInterrupts(never);
			}
		}, this.jobs), "test", SHORT.startingAt(System.nanoTime(), System::nanoTime));
		never.countDown();
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(output).contains("a listener to ServingStoppedEvent did not return in time");
	}

	@Test
	void aWorkloadThatCannotNameItsWorkIsCounted() {
		DrainReport report = drain(SHORT, new ForeignWorkload(3));
		assertThat(report.abandoned()).hasSize(3);
	}

	@Test
	void aWorkloadThatFailsToGiveUpItsWorkIsCounted(CapturedOutput output) {
		DrainReport report = drain(SHORT, new Workload() {

			@Override
			public String getName() {
				return "foreign";
			}

			@Override
			public long getInFlight() {
				return 3;
			}

			@Override
			public List<WorkSnapshot> abandon() {
				throw new IllegalStateException("boom");
			}

		});
		assertThat(report.abandoned()).hasSize(3);
		assertThat(output).contains("abandon of").contains("boom");
	}

	@Test
	void progressNamesTheWorkInFlight(CapturedOutput output) throws Exception {
		Work job = this.jobs.begin();
		Future<DrainReport> drain = this.executor.submit(() -> drain(LONG, this.jobs));
		await().until(() -> output.toString().contains("Waiting for 1 job (jobs queued for"));
		job.end(WorkState.COMPLETED);
		drain.get(20, TimeUnit.SECONDS);
	}

	@Test
	void aSourceThatNobodyKnowsDoesNotKeepTheDrainFromEnding(CapturedOutput output) throws Exception {
		AtomicBoolean stop = new AtomicBoolean();
		AtomicBoolean refused = new AtomicBoolean();
		Work first = this.jobs.begin();
		Thread source = new Thread(() -> {
			Work previous = first;
			while (!stop.get()) {
				Work next = this.jobs.tryBegin();
				LockSupport.parkNanos(1_000_000);
				refused.compareAndSet(false, !previous.attach());
				previous.end(WorkState.COMPLETED);
				if (next == null) {
					return;
				}
				previous = next;
			}
			previous.end(WorkState.COMPLETED);
		}, "source");
		source.start();
		DrainReport report = drain(LONG, this.jobs);
		source.join();
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(report.duration()).isLessThan(Duration.ofSeconds(20));
		assertThat(refused).as("foreign work was refused").isFalse();
		assertThat(report.notWaitedFor().accepted()).isPositive();
		assertThat(report.notWaitedFor().threads()).containsOnlyKeys("source");
		assertThat(report.toString()).contains("; not waited for: ");
		assertThat(output).contains("Not waited for: work that goes on to come from thread 'source' (");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void descendantsAreWaitedForWhileASourceGoesOn(boolean waiting) throws Exception {
		AtomicBoolean stop = new AtomicBoolean();
		Work job = this.jobs.begin();
		Future<DrainReport> drain = this.executor.submit(() -> drain(LONG, this.jobs));
		this.executor.submit(() -> {
			while (!stop.get()) {
				Work work = this.jobs.tryBegin();
				LockSupport.parkNanos(1_000_000);
				if (work != null) {
					work.end(WorkState.COMPLETED);
				}
			}
		});
		await().until(() -> this.inFlight.getNotWaitedFor().accepted() > 0);
		job.attach();
		if (waiting) {
			job.detach();
		}
		Work child = this.jobs.begin();
		child.attach();
		job.end(WorkState.COMPLETED);
		Work grandchild = this.jobs.begin();
		child.end(WorkState.COMPLETED);
		long foreign = this.inFlight.getNotWaitedFor().accepted();
		await().until(() -> this.inFlight.getNotWaitedFor().accepted() > foreign + 100);
		assertThat(drain.isDone()).isFalse();
		grandchild.end(WorkState.COMPLETED);
		DrainReport report = drain.get(20, TimeUnit.SECONDS);
		stop.set(true);
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void theFollowUpsOfWorkThatIsNotWaitedForAreNotWaitedForEither() throws Exception {
		this.inFlight.waitOnlyForDescendants(() -> false);
		// On a thread without work of other tests
		Work followUp = this.executor.submit(() -> {
			Work foreign = this.jobs.begin();
			foreign.attach();
			Work next = this.jobs.begin();
			foreign.end(WorkState.COMPLETED);
			return next;
		}).get(20, TimeUnit.SECONDS);
		assertThat(this.inFlight.count()).isZero();
		assertThat(this.inFlight.getNotWaitedFor().accepted()).isEqualTo(2);
		assertThat(this.inFlight.getNotWaitedFor().inFlight()).isEqualTo(1);
		followUp.end(WorkState.COMPLETED);
		assertThat(this.inFlight.getNotWaitedFor().inFlight()).isZero();
	}

	@Test
	void progressNamesTheThreadsThatBringInNewWork(CapturedOutput output) throws Exception {
		Work job = this.jobs.begin();
		Future<DrainReport> report = this.executor.submit(() -> drain(LONG, this.jobs));
		await().until(() -> this.story.contains("ServingStoppedEvent"));
		Thread source = new Thread(() -> {
			while (!output.toString().contains("New work goes on to come from thread 'source' (")) {
				this.jobs.begin().end(WorkState.COMPLETED);
				LockSupport.parkNanos(1_000_000);
			}
		}, "source");
		source.start();
		source.join();
		job.end(WorkState.COMPLETED);
		assertThat(report.get().state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void progressDuringTheDelaySaysThatNothingIsInFlight(CapturedOutput output) {
		drain(plan(Duration.ofSeconds(20), Duration.ofMillis(500)), new ServingRecordingWorkload());
		assertThat(output).contains("Nothing in flight any more, 19.").doesNotContain("Waiting for");
	}

	@ParameterizedTest
	@ValueSource(longs = { -5, Long.MAX_VALUE })
	void aNumberThatCannotBeCostsItsWorkloadTheLineAndNobodyElse(long number, CapturedOutput output) {
		this.jobs.begin();
		DrainReport report = drain(SHORT, new ForeignWorkload(number), this.jobs);
		assertThat(report.state()).isEqualTo(DrainState.EXPIRED);
		assertThat(report.workloads().get(0).abandoned()).hasSize((number < 0) ? 0 : 100_000);
		assertThat(report.workloads().get(1).abandoned()).hasSize(1);
		assertThat(this.story).endsWith("DrainCompletedEvent");
		if (number < 0) {
			assertThat(output).containsOnlyOnce("getInFlight of foreign failed").contains("-5 in flight");
		}
	}

	@Test
	void aWorkloadThatReturnsNullCostsItselfItsLine(CapturedOutput output) {
		this.jobs.begin();
		DrainReport report = drain(SHORT, new GarbageWorkload(null), this.jobs);
		assertThat(report.workloads().get(0).abandoned()).hasSize(3);
		assertThat(report.workloads().get(1).abandoned()).hasSize(1);
		assertThat(this.story).endsWith("DrainCompletedEvent");
		assertThat(output).containsOnlyOnce("describe of garbage failed")
			.containsOnlyOnce("abandon of garbage failed")
			.containsOnlyOnce("getOutcomes of garbage failed");
	}

	@Test
	void aListThatIsTooLongIsCut() {
		this.jobs.begin();
		DrainReport report = drain(SHORT,
				new GarbageWorkload(Collections.nCopies(Integer.MAX_VALUE, this.jobs.describe(1).get(0))), this.jobs);
		assertThat(report.workloads().get(0).abandoned()).hasSize(1_000_000);
		assertThat(report.workloads().get(1).abandoned()).hasSize(1);
		assertThat(this.story).endsWith("DrainCompletedEvent");
	}

	@Test
	void theReportIsPublishedBeforeItIsLogged(CapturedOutput output) {
		this.jobs.begin();
		List<String> before = new CopyOnWriteArrayList<>();
		TestEngine.drain(coordinator(SHORT, (event) -> {
			if (event instanceof DrainCompletedEvent) {
				before.add(output.toString());
			}
		}, this.jobs), "test", SHORT.startingAt(System.nanoTime(), System::nanoTime));
		assertThat(before).singleElement().asString().contains("Interrupting").doesNotContain("Deadline passed");
		assertThat(output).contains("Deadline passed").contains("Abandoned 1 of jobs: jobs (queued)");
	}

	@Test
	void trafficIsRefusedBeforeTheFirstLine(CapturedOutput output) {
		List<String> before = new CopyOnWriteArrayList<>();
		TestEngine.drain(coordinator(LONG, (event) -> {
			if (event instanceof AvailabilityChangeEvent<?>) {
				before.add(output.toString());
			}
		}, this.jobs), "test", LONG.startingAt(System.nanoTime(), System::nanoTime));
		assertThat(before).singleElement().asString().doesNotContain("Shutting down");
		assertThat(output).contains("Shutting down");
	}

	@Test
	void aShutdownWithNothingInFlightIsOneLine(CapturedOutput output) {
		drain(LONG, this.requests, this.jobs);
		// The JDK may warn of Mockito
		assertThat(output.toString().lines()).filteredOn((line) -> line.contains("DrainCoordinator"))
			.singleElement()
			.asString()
			.contains("Shutting down (test): nothing in flight");
	}

	@Test
	void theEndOfAPhaseIsLoggedIfWorkIsInFlight(CapturedOutput output) throws Exception {
		Work request = this.requests.begin();
		Work job = this.jobs.begin();
		Future<DrainReport> drain = this.executor
			.submit(() -> drain(plan(Duration.ofSeconds(40), Duration.ZERO), this.requests, this.jobs));
		await().until(() -> output.toString().contains("Stopped accepting: 1 request, 1 job in flight, 3"));
		assertThat(output).contains("Shutting down (test): 1 request, 1 job in flight")
			.doesNotContain("Stopped serving");
		request.end(WorkState.COMPLETED);
		await().until(() -> output.toString().contains("Stopped serving: 1 job in flight, 3"));
		job.end(WorkState.COMPLETED);
		drain.get(20, TimeUnit.SECONDS);
	}

	@Test
	void aCauseAndNamesAreOneLine(CapturedOutput output) {
		Timetable timetable = SHORT.startingAt(System.nanoTime(), System::nanoTime);
		DrainReport report = TestEngine.drain(coordinator(SHORT, (event) -> {
		}, new ForeignWorkload(1) {

			@Override
			public List<WorkSnapshot> abandon() {
				return List.of(new WorkSnapshot("foreign", "a\nforged\u2028line\u202E" + "x".repeat(1000),
						WorkState.RUNNING, Duration.ZERO, null, List.of()));
			}

		}), "a\r\nforged\u0085cause", timetable);
		assertThat(output).contains("a  forged cause").contains("a forged line xxx").doesNotContain("x".repeat(201));
		assertThat(report.cause()).isEqualTo("a  forged cause");
	}

	private DrainReport drain(DrainPlan plan, Workload... workloads) {
		Timetable timetable = plan.startingAt(System.nanoTime(), System::nanoTime);
		return TestEngine.drain(coordinator(plan, (event) -> {
		}, workloads), "test", timetable);
	}

	private DrainCoordinator coordinator(DrainPlan plan, Consumer<Object> listener, Workload... workloads) {
		return new TestEngine(plan, this.inFlight, () -> List.of(workloads), this.availability, (event) -> {
			this.story.add((event instanceof AvailabilityChangeEvent<?> change) ? change.getState().toString()
					: event.getClass().getSimpleName());
			listener.accept(event);
		}, System::nanoTime).coordinator();
	}

	private static DrainPlan plan(Duration gracePeriod, Duration delay) {
		return new DrainPlan(gracePeriod, Duration.ofMillis(200), delay, Duration.ofMillis(600),
				Duration.ofMillis(100));
	}

	private static void awaitIgnoringInterrupts(CountDownLatch latch) {
		while (latch.getCount() > 0) {
			try {
				latch.await();
			}
			catch (InterruptedException ex) {
				// Ignored, as the worst of users' code does
			}
		}
	}

	private class RecordingWorkload extends TestWorkload {

		volatile boolean lingering;

		private final AtomicInteger looks = new AtomicInteger();

		private RecordingWorkload(String name) {
			super(name, DrainCoordinatorTests.this.inFlight);
		}

		@Override
		public boolean isIdle() {
			this.looks.incrementAndGet();
			return super.isIdle() && !this.lingering;
		}

		@Override
		public void stopAccepting() {
			DrainCoordinatorTests.this.story.add(getName() + " stopAccepting");
		}

	}

	private final class ServingRecordingWorkload extends RecordingWorkload implements ServingWorkload {

		private volatile boolean withoutClients;

		private ServingRecordingWorkload() {
			super("requests");
		}

		@Override
		public boolean enterLameDuck() {
			DrainCoordinatorTests.this.story.add(getName() + " enterLameDuck");
			return !this.withoutClients;
		}

		@Override
		public void endStreams() {
			DrainCoordinatorTests.this.story.add(getName() + " endStreams");
		}

		@Override
		public void cancel() {
			DrainCoordinatorTests.this.story.add(getName() + " cancel");
		}

	}

	private static final class ThrowingWorkload implements Workload {

		@Override
		public String getName() {
			return "broken";
		}

		@Override
		public long getInFlight() {
			throw new IllegalStateException("boom");
		}

		@Override
		public void stopAccepting() {
			throw new IllegalStateException("boom");
		}

	}

	/**
	 * Sends what it has received once it was asked for it.
	 */
	private static final class Mails implements Workload {

		private final AtomicInteger received = new AtomicInteger();

		private volatile boolean sent;

		@Override
		public String getName() {
			return "mails";
		}

		@Override
		public long getInFlight() {
			return (this.received.get() > 0 && !this.sent) ? 1 : 0;
		}

		@Override
		public boolean isIdle() {
			boolean idle = getInFlight() == 0;
			this.sent |= !idle;
			return idle;
		}

	}

	private static class ForeignWorkload implements Workload {

		private final long inFlight;

		private ForeignWorkload(long inFlight) {
			this.inFlight = inFlight;
		}

		@Override
		public String getName() {
			return "foreign";
		}

		@Override
		public long getInFlight() {
			return this.inFlight;
		}

	}

	@SuppressWarnings("NullAway")
	private record GarbageWorkload(@Nullable List<WorkSnapshot> garbage) implements Workload {

		@Override
		public String getName() {
			return "garbage";
		}

		@Override
		public long getInFlight() {
			return 3;
		}

		@Override
		public List<WorkSnapshot> describe(int limit) {
			return this.garbage;
		}

		@Override
		public List<WorkSnapshot> abandon() {
			return this.garbage;
		}

		@Override
		public Map<WorkState, Long> getOutcomes() {
			return (this.garbage != null) ? Map.of() : null;
		}

	}

}
