package io.github.gracefulshutdown.tracking;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

import io.github.gracefulshutdown.WorkState;
import org.jspecify.annotations.Nullable;

/**
 * Work that goes through an executor before it begins, with a ticket: an executor can
 * drop a task without telling anyone, but then nobody holds the ticket any more, and the
 * garbage collector tells.
 *
 * @author The Graceful Shutdown authors
 */
public abstract class SubmittedWork extends Work {

	/**
	 * Kept so that it can be enqueued when the ticket is gone.
	 */
	@SuppressWarnings("unused")
	private volatile @Nullable Trace trace;

	/**
	 * Create work that is not yet counted.
	 * @param workload the family that it belongs to
	 */
	protected SubmittedWork(SubmittedWorkload<?> workload) {
		super(workload);
	}

	final void setTicket(Object ticket, ReferenceQueue<Object> dropped) {
		this.trace = new Trace(ticket, dropped, this);
	}

	@Override
	protected void onEnd(WorkState outcome) {
		// Most work has none, and a volatile write costs more than a look
		if (this.trace != null) {
			this.trace = null;
		}
	}

	/**
	 * What remains of a ticket that nobody holds any more.
	 */
	static final class Trace extends WeakReference<Object> {

		private final SubmittedWork work;

		Trace(Object ticket, ReferenceQueue<Object> queue, SubmittedWork work) {
			super(ticket, queue);
			this.work = work;
		}

		SubmittedWork work() {
			return this.work;
		}

	}

}
