package io.github.gracefulshutdown.job;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/**
 * What goes with a submitted job through its executor, as an attribute of the method
 * invocation. An executor can drop a task without telling anyone, but then nobody holds
 * the ticket any more, and the garbage collector tells.
 *
 * @param job the job
 * @author The Graceful Shutdown authors
 */
record JobTicket(Job job) {

	/**
	 * What remains of a ticket that nobody holds any more.
	 */
	static final class Trace extends WeakReference<JobTicket> {

		private final Job job;

		Trace(JobTicket ticket, ReferenceQueue<JobTicket> queue) {
			super(ticket, queue);
			this.job = ticket.job();
		}

		Job job() {
			return this.job;
		}

	}

}
