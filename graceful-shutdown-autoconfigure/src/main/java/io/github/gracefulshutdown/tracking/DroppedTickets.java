package io.github.gracefulshutdown.tracking;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.Printable;
import io.github.gracefulshutdown.WorkState;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Finds the work of the application that its executor has dropped without an exception.
 * Only the submitted task refers to the ticket of the work. If the garbage collector
 * finds the ticket and the work has not begun, it will never begin, and is counted as
 * cancelled. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class DroppedTickets {

	private static final Log logger = LogFactory.getLog(DroppedTickets.class);

	private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

	/**
	 * A reference that is itself unreachable would never be enqueued.
	 */
	private final Map<Work, TicketReference> tickets = new ConcurrentHashMap<>();

	private final ReferenceQueue<Object> dropped = new ReferenceQueue<>();

	private final InFlight inFlight;

	private final LongSupplier clock;

	private final Runnable collector;

	private @Nullable Long queuedOnlySince;

	private boolean collected;

	/**
	 * Create an instance that knows no tickets.
	 * @param inFlight where the application's tracked work is counted
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public DroppedTickets(InFlight inFlight, LongSupplier clock) {
		this(inFlight, clock, System::gc);
	}

	DroppedTickets(InFlight inFlight, LongSupplier clock, Runnable collector) {
		this.inFlight = inFlight;
		this.clock = clock;
		this.collector = collector;
	}

	/**
	 * Issue the ticket with which work goes through an executor.
	 * @param work the work
	 * @param ticket the ticket; only the executor's task may refer to it
	 */
	public void issue(Work work, Object ticket) {
		this.tickets.put(work, new TicketReference(ticket, this.dropped, work));
		if (work.getState().isOutcome()) {
			forget(work);
		}
	}

	/**
	 * Forget the ticket of work that has ended.
	 * @param work the work, which may have no ticket
	 */
	public void forget(Work work) {
		this.tickets.remove(work);
	}

	/**
	 * Cancel the work whose tickets the garbage collector has found since the last call.
	 */
	public void cancelDropped() {
		Reference<?> reference;
		while ((reference = this.dropped.poll()) != null) {
			Work work = ((TicketReference) reference).work;
			forget(work);
			if (work.discard(WorkState.CANCELLED)) {
				logger.warn("'%s' was dropped by its executor before it began".formatted(Printable.of(work.getName())));
			}
		}
	}

	/**
	 * Request a garbage collection, once, when nothing in the application has begun for
	 * five seconds although work is queued. To be called while the drain waits. A waiting
	 * application may allocate so little that the collector does not run by itself.
	 */
	public synchronized void collectIfStuck() {
		if (this.collected) {
			return;
		}
		if (!isQueuedOnly()) {
			this.queuedOnlySince = null;
			return;
		}
		long now = this.clock.getAsLong();
		if (this.queuedOnlySince == null) {
			this.queuedOnlySince = now;
		}
		else if (now - this.queuedOnlySince >= PATIENCE_NANOS) {
			this.collected = true;
			this.collector.run();
		}
	}

	private boolean isQueuedOnly() {
		long queued = 0;
		for (Work work : this.tickets.keySet()) {
			if (!work.isForeign()) {
				if (work.getState() != WorkState.QUEUED) {
					return false;
				}
				queued++;
			}
		}
		return queued == this.inFlight.count();
	}

	/**
	 * Remembers the work when its ticket is gone.
	 */
	private static final class TicketReference extends WeakReference<Object> {

		private final Work work;

		TicketReference(Object ticket, ReferenceQueue<Object> queue, Work work) {
			super(ticket, queue);
			this.work = work;
		}

	}

}
