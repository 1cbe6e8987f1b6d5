package io.github.gracefulshutdown.tracking;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.WorkState;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A workload whose work goes through executors, which may drop it. Thread-safe.
 *
 * @param <W> the type of work
 * @author The Graceful Shutdown authors
 */
public abstract class SubmittedWorkload<W extends SubmittedWork> extends TrackedWorkload<W> {

	private static final Log logger = LogFactory.getLog(SubmittedWorkload.class);

	private final ReferenceQueue<Object> droppedTickets = new ReferenceQueue<>();

	private long collectNanos = TimeUnit.SECONDS.toNanos(1);

	private @Nullable Long queuedOnlySince;

	/**
	 * Create a workload.
	 * @param name the name of the workload
	 * @param inFlight where the application's tracked work is counted
	 * @param clock the monotonic clock, in nanoseconds
	 */
	protected SubmittedWorkload(String name, InFlight inFlight, LongSupplier clock) {
		super(name, inFlight, clock);
	}

	/**
	 * Issue the ticket with which work goes through an executor. When nobody holds the
	 * ticket any more and the work has not begun, it is cancelled.
	 * @param work the work
	 * @param ticket the ticket, which nothing but the executor's task may hold
	 */
	protected final void issueTicket(W work, Object ticket) {
		work.setTicket(ticket, this.droppedTickets);
	}

	@Override
	public long getInFlight() {
		lookForDropped();
		return super.getInFlight();
	}

	@Override
	public boolean isIdle() {
		boolean idle = (getInFlight() == 0);
		if (!idle) {
			collectDroppedTickets();
		}
		return idle;
	}

	/**
	 * Look for work that was dropped.
	 */
	protected final void lookForDropped() {
		Reference<?> dropped;
		while ((dropped = this.droppedTickets.poll()) != null) {
			SubmittedWork work = ((SubmittedWork.Trace) dropped).work();
			if (work.discard(WorkState.CANCELLED)) {
				logger.warn("'%s' was dropped by its executor before it began".formatted(work.getName()));
			}
		}
	}

	/**
	 * While the drain waits, an application may allocate so little that the garbage
	 * collector does not run by itself. So it is asked to, when nothing is left but work
	 * that has not begun: it may never.
	 */
	private synchronized void collectDroppedTickets() {
		if (!isQueuedOnly()) {
			this.queuedOnlySince = null;
			return;
		}
		Long since = this.queuedOnlySince;
		if (since == null) {
			this.queuedOnlySince = nanoTime();
		}
		else if (nanoTime() - since > this.collectNanos) {
			this.queuedOnlySince = nanoTime();
			this.collectNanos *= 2;
			System.gc();
		}
	}

	private boolean isQueuedOnly() {
		boolean queued = false;
		for (W work : works()) {
			if (work.getState() != WorkState.QUEUED) {
				return false;
			}
			queued = true;
		}
		return queued;
	}

}
