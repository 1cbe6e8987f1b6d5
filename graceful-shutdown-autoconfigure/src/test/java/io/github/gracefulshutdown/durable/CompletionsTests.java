package io.github.gracefulshutdown.durable;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.job.OnDrain;
import io.github.gracefulshutdown.tracking.InFlight;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.QueryTimeoutException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link Completions}, {@link DurableRun} and {@link DurableWorkload}.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class CompletionsTests {

	private final InFlight inFlight = new InFlight();

	private final AtomicLong nanos = new AtomicLong();

	private final DurableWorkload workload = new DurableWorkload(this.inFlight, mock(GracefulShutdown.class),
			this.nanos::get);

	private final JobStore store = mock(JobStore.class);

	private final List<WorkState> written = new CopyOnWriteArrayList<>();

	private final Outage outage = new Outage(this.store::checkWritable);

	private final Completions completions = new Completions(this.store, this.outage,
			(run, outcome) -> this.written.add(outcome));

	private DurableRun run() throws Exception {
		return run("id");
	}

	private DurableRun run(String id) throws Exception {
		return new DurableRun(this.workload,
				new DurableJobDefinition("job", List.of(), getClass().getDeclaredMethod("run"), List.of(), null, 3,
						Duration.ofSeconds(1), OnDrain.FINISH, true, "bean", Object::new),
				new StoredJob(id, "job", "[]", null, null, 1, 0, 0, null), new JobProgress(this.store, new JobJson()));
	}

	@Test
	void aFailureIsLoggedOnceHoweverOftenTheStoreFails(CapturedOutput output) throws Exception {
		AtomicInteger calls = new AtomicInteger();
		given(this.store.retry(any(), anyLong(), any())).willAnswer((call) -> {
			if (calls.incrementAndGet() < 3) {
				throw new QueryTimeoutException("away");
			}
			return true;
		});
		willThrow(new QueryTimeoutException("away")).given(this.store).checkWritable();
		this.completions.start();
		this.completions.add(run(), Completions.Outcome.failed(new IllegalStateException("failure")));
		Awaitility.await().until(() -> this.written.equals(List.of(WorkState.FAILED)));
		assertThat(this.completions.close()).isTrue();
		assertThat(output).containsOnlyOnce("attempt 1 of 3")
			.containsOnlyOnce("The store of durable jobs fails")
			.doesNotContain("cannot be written");
	}

	@Test
	void anOutageEndsOnlyWhenTheStoreCanBeWritten(CapturedOutput output) {
		AtomicBoolean works = new AtomicBoolean();
		Outage outage = new Outage(() -> assertThat(works).isTrue());
		for (int i = 0; i < 3; i++) {
			assertThat(outage.isOfStore(new QueryTimeoutException("read-only"))).isTrue();
			outage.endIfWritable();
		}
		assertThat(output).containsOnlyOnce("The store of durable jobs fails").doesNotContain("works again");
		works.set(true);
		outage.endIfWritable();
		outage.endIfWritable();
		assertThat(output).containsOnlyOnce("The store of durable jobs works again");
		assertThat(outage.isOfStore(new QueryTimeoutException("one row"))).isFalse();
		assertThat(output).containsOnlyOnce("The store of durable jobs fails");
	}

	@Test
	void aConnectionThatBreaksIsAnOutageAlsoIfTheNextOneWorks() {
		assertThat(this.outage.isOfStore(new QueryTimeoutException("x", new SQLException("broken", "08006")))).isTrue();
		assertThat(this.outage.isBegun()).isTrue();
	}

	@Test
	void anEndThatIsNotTakenByAStoreThatWorksIsNamedOnce(CapturedOutput output) throws Exception {
		AtomicInteger calls = new AtomicInteger();
		given(this.store.handOver(any())).willAnswer((call) -> {
			if (calls.incrementAndGet() < 5) {
				throw new QueryTimeoutException("locked");
			}
			return true;
		});
		this.completions.start();
		this.completions.add(run("row"), Completions.Outcome.HANDED_OVER);
		Awaitility.await().until(() -> this.written.equals(List.of(WorkState.HANDED_OVER)));
		assertThat(this.completions.close()).isTrue();
		assertThat(output).containsOnlyOnce("The end of durable job 'job row' cannot be written, and is tried again: ")
			.containsOnlyOnce("The end of durable job 'job row' is written")
			.doesNotContain("The store of durable jobs");
	}

	@Test
	void anEndThatFailsOnceIsNotNamed(CapturedOutput output) throws Exception {
		given(this.store.handOver(any())).willThrow(new QueryTimeoutException("broken")).willReturn(true);
		this.completions.start();
		this.completions.add(run(), Completions.Outcome.HANDED_OVER);
		Awaitility.await().until(() -> this.written.equals(List.of(WorkState.HANDED_OVER)));
		assertThat(this.completions.close()).isTrue();
		assertThat(output).doesNotContain("durable job").doesNotContain("durable jobs");
	}

	@Test
	void aRemovalThatFailsKeepsNoOtherOfItsBatch() throws Exception {
		given(this.store.remove(any())).willAnswer((call) -> {
			List<StoredJob> jobs = call.getArgument(0);
			if (jobs.stream().anyMatch((job) -> job.id().equals("bad"))) {
				throw new QueryTimeoutException("always");
			}
			boolean[] removed = new boolean[jobs.size()];
			Arrays.fill(removed, true);
			return removed;
		});
		this.completions.add(run("1"), Completions.Outcome.COMPLETED);
		this.completions.add(run("bad"), Completions.Outcome.COMPLETED);
		this.completions.add(run("2"), Completions.Outcome.COMPLETED);
		this.completions.start();
		Awaitility.await().until(() -> this.written.size() == 2);
		assertThat(this.completions.close()).isFalse();
		assertThat(this.written).hasSize(2);
	}

	@Test
	void anEndThatCannotBeWrittenDelaysNoOther() throws Exception {
		given(this.store.retry(any(), anyLong(), any())).willThrow(new QueryTimeoutException("always"));
		given(this.store.handOver(any())).willReturn(true);
		given(this.store.remove(any())).willReturn(new boolean[] { true });
		this.completions.start();
		this.completions.add(run(), Completions.Outcome.failed(new IllegalStateException("failure")));
		this.completions.add(run(), Completions.Outcome.HANDED_OVER);
		this.completions.add(run(), Completions.Outcome.COMPLETED);
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.written).containsExactlyInAnyOrder(WorkState.HANDED_OVER,
					WorkState.COMPLETED));
		assertThat(this.completions.close()).isFalse();
	}

	@Test
	void theDrainWaitsForAPickButNotAsLongAsThatWaitsForItsDatabase() {
		assertThat(this.workload.isIdle()).isTrue();
		assertThat(this.workload.beginPick()).isTrue();
		this.workload.stopAccepting();
		assertThat(this.workload.beginPick()).isFalse();
		assertThat(this.workload.isIdle()).isFalse();
		this.nanos.addAndGet(Duration.ofSeconds(3).toNanos());
		this.workload.stopAccepting();
		assertThat(this.workload.isIdle()).isTrue();
	}

	@Test
	void aRunThatBeginsAfterTheLockWasLostIsCancelled() throws Exception {
		DurableRun run = run();
		assertThat(this.workload.begin(run, () -> false)).isTrue();
		assertThat(run.isCancelled()).isTrue();
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void theDrainWaitsForARunThatWasPickedBeforeTheSignalAndBeginsLate() throws Exception {
		this.inFlight.waitOnlyForDescendants(() -> false);
		assertThat(this.workload.begin(run(), () -> true)).isTrue();
		assertThat(this.inFlight.count()).isEqualTo(1);
		assertThat(this.inFlight.getNotWaitedFor().threads()).isEmpty();
	}

}
