package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TestWorkload;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Standby}, as part of a {@link DrainCoordinator}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class StandbyTests {

	private final List<Object> story = new CopyOnWriteArrayList<>();

	private final InFlight inFlight = new InFlight();

	private final ApplicationAvailabilityBean availability = new ApplicationAvailabilityBean();

	private final AtomicLong ahead = new AtomicLong();

	private final LongSupplier clock = () -> System.nanoTime() + this.ahead.get();

	private final ServingRecordingWorkload requests = new ServingRecordingWorkload();

	private final RecordingWorkload jobs = new RecordingWorkload("jobs");

	private final ResumableRecordingWorkload schedules = new ResumableRecordingWorkload("schedules");

	private final ResumableRecordingWorkload intakes = new ResumableRecordingWorkload("intakes");

	private final DrainPlan plan = new DrainPlan(Duration.ofSeconds(50), Duration.ofSeconds(1), Duration.ofSeconds(30),
			Duration.ofSeconds(1), Duration.ofSeconds(5));

	private final TestEngine engine = new TestEngine(this.plan, this.inFlight,
			() -> List.of(this.requests, this.jobs, this.schedules, this.intakes), this.availability, this::publish,
			this.clock);

	private final Standby standby = this.engine.standby();

	private final DrainCoordinator coordinator = this.engine.coordinator();

	private void publish(Object event) {
		if (event instanceof AvailabilityChangeEvent<?> change) {
			this.availability.onApplicationEvent(change);
			this.story.add(change.getState().toString());
			this.engine.listeners().forEach((listener) -> notify(listener, change));
		}
		else if (event instanceof DrainStartedEvent started) {
			this.story.add("DrainStartedEvent " + ((started.remaining() != null) ? "with" : "without") + " deadline");
		}
		else {
			this.story.add(event.getClass().getSimpleName());
		}
	}

	@SuppressWarnings("unchecked")
	private static void notify(ApplicationListener<?> listener, AvailabilityChangeEvent<?> change) {
		((ApplicationListener<AvailabilityChangeEvent<?>>) listener).onApplicationEvent(change);
	}

	@BeforeEach
	void acceptTraffic() {
		publish(new AvailabilityChangeEvent<>(this, ReadinessState.ACCEPTING_TRAFFIC));
		this.story.clear();
	}

	@Test
	void stopsResumableWorkloadsOnly() {
		assertThat(this.standby.enter("test")).isTrue();
		assertThat(this.story).containsExactly("REFUSING_TRAFFIC", "DrainStartedEvent without deadline",
				"requests enterLameDuck", "schedules stopAccepting", "intakes stopAccepting");
		assertThat(this.coordinator.getState()).isEqualTo(DrainState.LAME_DUCK);
		assertThat(this.coordinator.getDeadline()).isNull();
		assertThat(this.jobs.tryBegin()).isNotNull();
	}

	@Test
	void resumesInReverse() {
		this.standby.enter("test");
		this.story.clear();
		assertThat(this.standby.leave()).isTrue();
		assertThat(this.story).containsExactly("intakes resumeAccepting", "schedules resumeAccepting",
				"requests resumeAccepting", "ACCEPTING_TRAFFIC", "DrainResumedEvent");
		assertThat(this.coordinator.getState()).isEqualTo(DrainState.RUNNING);
	}

	@Test
	void onlyTheFirstCallOfEachHasAnEffect() {
		assertThat(this.standby.leave()).isFalse();
		this.standby.enter("test");
		this.story.clear();
		assertThat(this.standby.enter("again")).isFalse();
		assertThat(this.story).isEmpty();
		this.standby.leave();
		this.story.clear();
		assertThat(this.standby.leave()).isFalse();
		assertThat(this.story).isEmpty();
		assertThat(this.standby.enter("once more")).isTrue();
	}

	@Test
	void trafficThatAnotherComponentRefusesIsNotAccepted() {
		publish(new AvailabilityChangeEvent<>(this, ReadinessState.REFUSING_TRAFFIC));
		this.standby.enter("test");
		this.standby.leave();
		assertThat(this.availability.getReadinessState()).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
	}

	@Test
	void trafficThatAnotherComponentAcceptsInStandbyIsRefusedAgain() {
		this.standby.enter("test");
		publish(new AvailabilityChangeEvent<>(this, ReadinessState.ACCEPTING_TRAFFIC));
		assertThat(this.availability.getReadinessState()).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
		this.standby.leave();
		assertThat(this.availability.getReadinessState()).isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);
	}

	@Test
	void trafficThatSomethingElseHasRefusedSinceIsNotAccepted() {
		this.standby.enter("test");
		publish(new AvailabilityChangeEvent<>(this, ReadinessState.REFUSING_TRAFFIC));
		this.standby.leave();
		assertThat(this.availability.getReadinessState()).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
	}

	@Test
	void aShutdownGoesOnFromThereAndNotifiesNoWorkloadTwice() {
		this.standby.enter("test");
		this.ahead.set(Duration.ofSeconds(31).toNanos());
		this.story.clear();
		DrainReport report = shutDown();
		assertThat(this.story).containsExactly("DrainStartedEvent with deadline", "jobs stopAccepting",
				"requests stopAccepting", "ServingStoppedEvent", "DrainCompletedEvent");
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(report.duration()).as("the delay was over").isLessThan(Duration.ofSeconds(20));
		assertThat(report.remaining()).as("counted from the signal").isGreaterThan(Duration.ofSeconds(20));
	}

	@Test
	void servesOnForTheRestOfTheDelay() {
		this.standby.enter("test");
		this.ahead.set(Duration.ofMillis(28_500).toNanos());
		DrainReport report = shutDown();
		assertThat(report.duration()).isBetween(Duration.ofMillis(1000), Duration.ofSeconds(20));
	}

	@Test
	void withoutClientsTheDelayIsSkipped() {
		this.requests.withoutClients = true;
		this.standby.enter("test");
		assertThat(shutDown().duration()).isLessThan(Duration.ofSeconds(20));
	}

	@Test
	void nothingIsResumedOnceAShutdownHasBegun() {
		this.standby.enter("test");
		this.ahead.set(Duration.ofSeconds(31).toNanos());
		shutDown();
		this.story.clear();
		assertThat(this.standby.leave()).isFalse();
		assertThat(this.standby.enter("late")).isFalse();
		assertThat(this.story).isEmpty();
		assertThat(this.coordinator.getState()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void aShutdownThatWasAskedForAndHasNotBegunForbidsToResume() {
		this.standby.enter("test");
		this.standby.forbid();
		assertThat(this.standby.leave()).isFalse();
		assertThat(this.coordinator.getState()).isEqualTo(DrainState.LAME_DUCK);
	}

	@Test
	void aWorkloadThatFailsKeepsNotTheOthers() {
		this.intakes.onResume(() -> {
			throw new IllegalStateException("boom");
		});
		this.standby.enter("test");
		assertThat(this.standby.leave()).isTrue();
		assertThat(this.story).contains("schedules resumeAccepting").endsWith("DrainResumedEvent");
	}

	@Test
	void aShutdownStopsAgainAWorkloadThatHasFailedToStop() {
		this.intakes.onStop(() -> {
			throw new IllegalStateException("boom");
		});
		this.standby.enter("test");
		this.intakes.onStop(() -> {
		});
		this.ahead.set(Duration.ofSeconds(31).toNanos());
		shutDown();
		assertThat(this.story).containsOnlyOnce("intakes stopAccepting").containsOnlyOnce("schedules stopAccepting");
	}

	@Test
	void aShutdownDoesNotWaitForAResumeThatHangsAndStopsTheWorkloadAgain() throws Exception {
		CountDownLatch hanging = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		this.schedules.onResume(() -> {
			hanging.countDown();
			awaitUninterruptibly(release);
		});
		this.standby.enter("test");
		Thread resuming = new Thread(this.standby::leave);
		resuming.start();
		hanging.await();
		assertThat(shutDownAndSkipTheDelay().state()).isEqualTo(DrainState.DRAINED);
		assertThat(release.getCount()).isOne();
		release.countDown();
		resuming.join();
		await().until(() -> !this.schedules.isAccepting() && this.story.contains("schedules resumeAccepting"));
		await().untilAsserted(() -> assertThat(this.story).endsWith("schedules stopAccepting"));
		assertThat(this.story).doesNotContain("requests resumeAccepting", "ACCEPTING_TRAFFIC", "DrainResumedEvent");
	}

	@Test
	void aShutdownWaitsAMomentForAResumeInProgressSoThatNoWorkloadIsNotifiedTwice() throws Exception {
		CountDownLatch resuming = new CountDownLatch(1);
		CountDownLatch shuttingDown = new CountDownLatch(1);
		this.intakes.onResume(() -> {
			resuming.countDown();
			awaitUninterruptibly(shuttingDown);
		});
		this.standby.enter("test");
		Thread thread = new Thread(this.standby::leave);
		thread.start();
		resuming.await();
		this.story.clear();
		this.standby.forbid();
		shuttingDown.countDown();
		shutDownAndSkipTheDelay();
		thread.join();
		assertThat(this.story).containsOnlyOnce("intakes stopAccepting")
			.doesNotContain("schedules resumeAccepting", "schedules stopAccepting")
			.containsSubsequence("intakes resumeAccepting", "intakes stopAccepting");
	}

	private DrainReport shutDown() {
		return TestEngine.drain(this.coordinator, "signal", this.plan.startingAt(this.clock.getAsLong(), this.clock));
	}

	// It is served anew after a resume
	private DrainReport shutDownAndSkipTheDelay() {
		CompletableFuture<DrainReport> report = CompletableFuture.supplyAsync(this::shutDown);
		await().until(() -> this.story.contains("DrainStartedEvent with deadline"));
		this.ahead.addAndGet(Duration.ofSeconds(31).toNanos());
		return report.join();
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private class RecordingWorkload extends TestWorkload {

		private volatile boolean accepting = true;

		private volatile Runnable onStop = () -> {
		};

		RecordingWorkload(String name) {
			super(name, StandbyTests.this.inFlight);
		}

		final void note(String call) {
			StandbyTests.this.story.add(getName() + " " + call);
		}

		@Override
		public void stopAccepting() {
			this.onStop.run();
			this.accepting = false;
			note("stopAccepting");
		}

		void accept() {
			this.accepting = true;
		}

		boolean isAccepting() {
			return this.accepting;
		}

		void onStop(Runnable onStop) {
			this.onStop = onStop;
		}

	}

	private class ResumableRecordingWorkload extends RecordingWorkload implements ResumableWorkload {

		private volatile Runnable onResume = () -> {
		};

		ResumableRecordingWorkload(String name) {
			super(name);
		}

		@Override
		public void resumeAccepting() {
			this.onResume.run();
			accept();
			note("resumeAccepting");
		}

		void onResume(Runnable onResume) {
			this.onResume = onResume;
		}

	}

	private final class ServingRecordingWorkload extends ResumableRecordingWorkload implements ServingWorkload {

		private volatile boolean withoutClients;

		ServingRecordingWorkload() {
			super("requests");
		}

		@Override
		public boolean enterLameDuck() {
			note("enterLameDuck");
			return !this.withoutClients;
		}

	}

}
