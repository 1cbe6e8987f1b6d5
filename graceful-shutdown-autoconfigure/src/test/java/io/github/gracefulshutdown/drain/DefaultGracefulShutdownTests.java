package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TestWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.availability.ApplicationAvailability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link DefaultGracefulShutdown}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class DefaultGracefulShutdownTests {

	private final DrainPlan plan = new DrainPlan(Duration.ofSeconds(40), Duration.ofSeconds(1), Duration.ZERO,
			Duration.ofSeconds(1), Duration.ofSeconds(5));

	private final InFlight inFlight = new InFlight();

	private final TestWorkload jobs = new TestWorkload("jobs", this.inFlight);

	private final AtomicInteger drains = new AtomicInteger();

	private final TestEngine engine = new TestEngine(this.plan, this.inFlight, () -> List.of(this.jobs),
			mock(ApplicationAvailability.class), (event) -> {
				if (event instanceof DrainStartedEvent) {
					this.drains.incrementAndGet();
				}
			}, System::nanoTime);

	private DefaultGracefulShutdown shutdown = shutdown(() -> this.shutdown.drainOnce(signal("closed")));

	private final ExecutorService executor = Executors.newCachedThreadPool();

	@AfterEach
	void stop() {
		this.executor.shutdownNow();
	}

	@Test
	void runsUntilTheSignal() {
		assertThat(this.shutdown.state()).isEqualTo(DrainState.RUNNING);
		assertThat(this.shutdown.remaining()).isNull();
		this.jobs.begin();
		assertThat(this.shutdown.inFlight()).isEqualTo(1);
	}

	@Test
	void aWorkloadThatCannotCountIsLeftOut() {
		Workload broken = mock(Workload.class);
		given(broken.getInFlight()).willThrow(new IllegalStateException("database is away"));
		TestEngine engine = new TestEngine(this.plan, this.inFlight, () -> List.of(broken, this.jobs),
				mock(ApplicationAvailability.class), (event) -> {
				}, System::nanoTime);
		this.jobs.begin();
		assertThat(engine.shutdown(() -> {
		}).inFlight()).isEqualTo(1);
	}

	@Test
	void numbersThatCannotBeDoNotTurnTheSum() {
		Workload endless = workload("endless", Long.MAX_VALUE);
		Workload negative = workload("negative", -5);
		this.jobs.begin();
		assertThat(inFlight(negative, this.jobs)).isEqualTo(1);
		assertThat(inFlight(endless, this.jobs, endless)).isEqualTo(Long.MAX_VALUE);
	}

	private long inFlight(Workload... workloads) {
		return new TestEngine(this.plan, this.inFlight, () -> List.of(workloads), mock(ApplicationAvailability.class),
				(event) -> {
				}, System::nanoTime)
			.shutdown(() -> {
			})
			.inFlight();
	}

	private static Workload workload(String name, long inFlight) {
		Workload workload = mock(Workload.class);
		given(workload.getName()).willReturn(name);
		given(workload.getInFlight()).willReturn(inFlight);
		return workload;
	}

	@Test
	void shutdownClosesTheContextAndReports() throws Exception {
		DrainReport report = this.shutdown.shutdown("because").toCompletableFuture().get(20, TimeUnit.SECONDS);
		assertThat(report.cause()).isEqualTo("because");
		assertThat(report.state()).isEqualTo(DrainState.DRAINED);
		assertThat(this.shutdown.state()).isEqualTo(DrainState.DRAINED);
		assertThat(this.shutdown.remaining()).isPositive();
	}

	@Test
	void standsByUntilItResumes() {
		assertThat(this.shutdown.standBy("because")).isTrue();
		assertThat(this.shutdown.state()).isEqualTo(DrainState.LAME_DUCK);
		assertThat(this.shutdown.remaining()).isNull();
		assertThat(this.shutdown.resume()).isTrue();
		assertThat(this.shutdown.state()).isEqualTo(DrainState.RUNNING);
	}

	@Test
	void aShutdownThatHasYetToCloseTheContextCannotBeUndone() throws Exception {
		CountDownLatch closing = new CountDownLatch(1);
		this.shutdown = shutdown(() -> {
			await().until(() -> closing.getCount() == 0);
			this.shutdown.drainOnce(signal("closed"));
		});
		this.shutdown.standBy("because");
		CompletableFuture<DrainReport> report = this.shutdown.shutdown("because").toCompletableFuture();
		assertThat(this.shutdown.resume()).isFalse();
		assertThat(this.shutdown.state()).isEqualTo(DrainState.LAME_DUCK);
		closing.countDown();
		assertThat(report.get(20, TimeUnit.SECONDS).state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void howeverManyAskAtOnceItDrainsOnceAndAllWaitForIt() throws Exception {
		Work job = this.jobs.begin();
		CountDownLatch go = new CountDownLatch(1);
		List<Future<?>> callers = new ArrayList<>();
		for (int i = 0; i < 16; i++) {
			boolean request = (i % 2 == 0);
			callers.add(this.executor.submit(() -> {
				go.await();
				return request ? this.shutdown.shutdown("request").toCompletableFuture().get()
						: this.shutdown.drainOnce(signal("closed"));
			}));
		}
		go.countDown();
		await().until(() -> this.shutdown.state() == DrainState.DRAINING);
		assertThat(callers).noneMatch(Future::isDone);
		job.end(WorkState.COMPLETED);
		for (Future<?> caller : callers) {
			caller.get(20, TimeUnit.SECONDS);
		}
		assertThat(this.drains).hasValue(1);
	}

	@Test
	void aContextThatWasNotRunningCompletesTheFutureWithAFailure() {
		DefaultGracefulShutdown shutdown = shutdown(() -> {
		});
		assertThatExceptionOfType(ExecutionException.class)
			.isThrownBy(() -> shutdown.shutdown("because").toCompletableFuture().get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(IllegalStateException.class);
	}

	@Test
	void codeChainedToTheReportDoesNotHoldUpTheClosingThread() {
		CountDownLatch never = new CountDownLatch(1);
		this.shutdown.shutdown("because").thenAccept((report) -> {
			try {
				never.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		this.shutdown.drainOnce(signal("closed"));
		assertThat(this.shutdown.state()).isEqualTo(DrainState.DRAINED);
		never.countDown();
	}

	private DefaultGracefulShutdown shutdown(Runnable closeContext) {
		return this.engine.shutdown(closeContext);
	}

	private static DrainSignal signal(String cause) {
		return new DrainSignal(cause, System.nanoTime());
	}

}
