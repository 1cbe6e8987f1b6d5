package io.github.gracefulshutdown.tracking;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.github.gracefulshutdown.WorkState;
import org.assertj.core.api.AbstractIntegerAssert;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link DroppedTickets}.
 *
 * @author The Graceful Shutdown authors
 */
class DroppedTicketsTests {

	private final InFlight inFlight = new InFlight();

	private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE);

	private final AtomicInteger collections = new AtomicInteger();

	private final DroppedTickets tickets = new DroppedTickets(this.inFlight, this.clock::get,
			this.collections::incrementAndGet);

	private final TestWorkload jobs = new TestWorkload("jobs", this.inFlight);

	private final TestWorkload tasks = new TestWorkload("tasks", this.inFlight);

	private final Object ticket = new Object();

	@Test
	void queuedWorkIsCancelledWhenItsTicketIsGone() {
		Work dropped = queue(this.jobs, new Object());
		Work queued = queue(this.jobs, this.ticket);
		awaitCollection();
		this.tickets.cancelDropped();
		assertThat(dropped.getState()).isEqualTo(WorkState.CANCELLED);
		assertThat(queued.getState()).isEqualTo(WorkState.QUEUED);
	}

	@Test
	void workThatHasBegunIsNotCancelledWhenItsTicketIsGone() {
		Work begun = queue(this.jobs, new Object());
		begun.attach();
		awaitCollection();
		this.tickets.cancelDropped();
		assertThat(begun.getState()).isEqualTo(WorkState.RUNNING);
	}

	@Test
	void oneCollectionIsRequestedAfterFiveSecondsWithQueuedWorkOnly() {
		queue(this.jobs, this.ticket);
		queue(this.tasks, this.ticket);
		this.tickets.collectIfStuck();
		assertThatCollectionsAfter(4_999).isZero();
		assertThatCollectionsAfter(1).isOne();
		assertThatCollectionsAfter(60_000).isOne();
	}

	@Test
	void noCollectionIsRequestedWhileWorkOfAnyWorkloadHasBegun() {
		queue(this.jobs, this.ticket);
		Work task = queue(this.tasks, this.ticket);
		task.attach();
		this.tickets.collectIfStuck();
		assertThatCollectionsAfter(6_000).isZero();
		end(task);
		assertThatCollectionsAfter(0).isZero();
		assertThatCollectionsAfter(5_000).isOne();
	}

	@Test
	void noCollectionIsRequestedWhileWorkWithoutATicketIsInFlight() {
		queue(this.jobs, this.ticket);
		Work request = this.tasks.begin();
		this.tickets.collectIfStuck();
		assertThatCollectionsAfter(6_000).isZero();
		end(request);
		assertThatCollectionsAfter(0).isZero();
		assertThatCollectionsAfter(5_000).isOne();
	}

	@Test
	void theFiveSecondsBeginAgainWhenWorkHasBegunMeanwhile() {
		queue(this.jobs, this.ticket);
		this.tickets.collectIfStuck();
		Work request = this.tasks.begin();
		assertThatCollectionsAfter(4_000).isZero();
		end(request);
		assertThatCollectionsAfter(4_000).isZero();
		assertThatCollectionsAfter(4_000).isZero();
		assertThatCollectionsAfter(1_000).isOne();
	}

	@Test
	void aTicketThatIsIssuedAfterTheEndOfItsWorkIsForgotten() {
		Work ended = this.jobs.begin();
		ended.end(WorkState.ABANDONED);
		this.tickets.issue(ended, this.ticket);
		queue(this.jobs, this.ticket);
		this.tickets.collectIfStuck();
		assertThatCollectionsAfter(5_000).isOne();
	}

	private Work queue(TestWorkload workload, Object ticket) {
		Work work = workload.begin();
		this.tickets.issue(work, ticket);
		return work;
	}

	private void end(Work work) {
		work.end(WorkState.COMPLETED);
		this.tickets.forget(work);
	}

	private AbstractIntegerAssert<?> assertThatCollectionsAfter(long millis) {
		this.clock.addAndGet(Duration.ofMillis(millis).toNanos());
		this.tickets.collectIfStuck();
		return assertThat(this.collections.get());
	}

	/**
	 * Wait until a ticket that was dropped later than those of the test is found.
	 */
	private void awaitCollection() {
		Work last = queue(this.jobs, new Object());
		await().until(() -> {
			System.gc();
			this.tickets.cancelDropped();
			return last.getState() == WorkState.CANCELLED;
		});
	}

}
