package io.github.gracefulshutdown.tracking;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import org.jspecify.annotations.Nullable;

/**
 * One request, one job, one message in flight. It is counted from the moment it was
 * accepted to the moment it reaches an {@link WorkState#isOutcome() outcome}, exactly
 * once, no matter how many callers report the end.
 * <p>
 * All methods are thread-safe. The whole state is one word, {@link WorkState}, and every
 * transition is a compare-and-set on it.
 *
 * @author The Graceful Shutdown authors
 */
public class Work {

	/**
	 * Saves an {@code AtomicReference} for each piece of work.
	 */
	private static final AtomicReferenceFieldUpdater<Work, WorkState> STATE = AtomicReferenceFieldUpdater
		.newUpdater(Work.class, WorkState.class, "state");

	/**
	 * The innermost work that each thread has begun.
	 */
	private static final ThreadLocal<@Nullable Work> current = new ThreadLocal<>();

	private final TrackedWorkload<?> workload;

	private final boolean foreign;

	private final long acceptedNanos;

	/**
	 * Written before the state, which publishes it.
	 */
	private long begunNanos;

	private volatile WorkState state = WorkState.QUEUED;

	private volatile @Nullable Thread thread;

	private volatile boolean cancelled;

	/**
	 * The work around this one on the same thread, for that thread only.
	 */
	private @Nullable Work outer;

	/**
	 * Create work that is not yet counted, on the thread that submits it.
	 * @param workload the family that it belongs to
	 */
	protected Work(TrackedWorkload<?> workload) {
		this(workload, workload.isForeign());
	}

	/**
	 * Create work that is not yet counted.
	 * @param workload the family that it belongs to
	 * @param foreign whether the drain does not wait for it, because it was submitted by
	 * a source that goes on after the signal
	 */
	protected Work(TrackedWorkload<?> workload, boolean foreign) {
		this.workload = workload;
		this.foreign = foreign;
		this.acceptedNanos = workload.nanoTime();
		this.begunNanos = this.acceptedNanos;
	}

	/**
	 * Return the name that logs and the endpoint show. Contains no secrets.
	 * @return the name
	 */
	public String getName() {
		return this.workload.getName();
	}

	public final WorkState getState() {
		return this.state;
	}

	/**
	 * Return whether the drain has asked the work to end early.
	 * @return whether the work was cancelled by the drain
	 */
	public final boolean isCancelled() {
		return this.cancelled;
	}

	/**
	 * The calling thread begins the work, or continues it.
	 * @return {@code false} if the work has ended already, or the drain has, in which
	 * case it must not be begun
	 */
	public final boolean attach() {
		this.thread = Thread.currentThread();
		boolean attached = begin(WorkState.RUNNING) || move(WorkState.WAITING, WorkState.RUNNING) || isBegun();
		if (attached && current.get() != this) {
			this.outer = current();
			current.set(this);
		}
		return attached;
	}

	/**
	 * Return the work of the calling thread.
	 * @return the innermost work that the thread has begun and not left, or {@code null}
	 */
	static @Nullable Work current() {
		Work work = current.get();
		while (work != null && !work.isCurrent()) {
			work = work.outer;
		}
		return work;
	}

	private boolean isCurrent() {
		WorkState state = this.state;
		return (state == WorkState.RUNNING || state == WorkState.INTERRUPTING) && this.thread == Thread.currentThread();
	}

	// To null, because a new entry for each work would cost more
	private void leaveThread() {
		if (current.get() == this) {
			Work outer = this.outer;
			this.outer = null;
			current.set(outer);
		}
	}

	/**
	 * The work begins on a thread that is not known.
	 * @return {@code false} if the work has ended already, or the drain has, in which
	 * case it must not be begun
	 */
	public final boolean beginDetached() {
		return begin(WorkState.WAITING) || isBegun();
	}

	// Queued work is given up at one moment, however long it takes to list it
	private boolean begin(WorkState begun) {
		if (this.state != WorkState.QUEUED || this.workload.isTooLate(this)) {
			return false;
		}
		this.begunNanos = this.workload.nanoTime();
		return move(WorkState.QUEUED, begun);
	}

	private boolean isBegun() {
		WorkState current = this.state;
		return current != WorkState.QUEUED && !current.isOutcome();
	}

	/**
	 * The calling thread leaves the work. It will be ended by another thread.
	 */
	public final void detach() {
		leaveThread();
		while (!move(WorkState.RUNNING, WorkState.WAITING)) {
			if (this.state != WorkState.INTERRUPTING) {
				return;
			}
			Thread.onSpinWait();
		}
		this.thread = null;
	}

	/**
	 * The work has ended. Only the first call has an effect.
	 * @param outcome the outcome
	 * @return whether this call ended the work
	 */
	public final boolean end(WorkState outcome) {
		leaveThread();
		WorkState current = this.state;
		while (!current.isOutcome()) {
			if (current == WorkState.INTERRUPTING) {
				Thread.onSpinWait();
			}
			else if (move(current, outcome)) {
				this.thread = null;
				this.workload.release(this, outcome);
				return true;
			}
			current = this.state;
		}
		return false;
	}

	/**
	 * The work will never begin. No effect if it has begun already.
	 * @param outcome the outcome
	 * @return whether this call ended the work
	 */
	public final boolean discard(WorkState outcome) {
		boolean discarded = move(WorkState.QUEUED, outcome);
		if (discarded) {
			this.workload.release(this, outcome);
		}
		return discarded;
	}

	/**
	 * Called when the work has reached its outcome. Must not throw.
	 * @param outcome the outcome
	 */
	protected void onEnd(WorkState outcome) {
	}

	/**
	 * Return whether a cancellation may interrupt the thread of this work.
	 * @return {@code false} if the work only asks whether it is cancelled
	 */
	protected boolean isInterruptible() {
		return true;
	}

	/**
	 * Ask work that has begun to end early: interrupt its thread, if it has one and may
	 * be interrupted. Only the first call has an effect.
	 */
	final void cancel() {
		if (this.cancelled) {
			return;
		}
		if (move(WorkState.RUNNING, WorkState.INTERRUPTING)) {
			this.cancelled = true;
			try {
				Thread thread = this.thread;
				if (thread != null && this.workload.isInterrupting() && isInterruptible()) {
					thread.interrupt();
				}
			}
			finally {
				this.state = WorkState.RUNNING;
			}
		}
		else if (this.state == WorkState.WAITING) {
			this.cancelled = true;
		}
	}

	/**
	 * Return a snapshot, in which work that is being interrupted is shown as running.
	 * @param withStack whether to include the stack of its thread, which takes time
	 * @return the snapshot
	 */
	final WorkSnapshot snapshot(boolean withStack) {
		WorkState state = this.state;
		Thread thread = this.thread;
		if (state == WorkState.QUEUED) {
			return snapshotQueued();
		}
		List<StackTraceElement> stack = (withStack && thread != null) ? Arrays.asList(thread.getStackTrace())
				: List.of();
		long now = this.workload.nanoTime();
		return new WorkSnapshot(this.workload.getName(), getName(),
				(state != WorkState.INTERRUPTING) ? state : WorkState.RUNNING,
				Duration.ofNanos(now - this.acceptedNanos), Duration.ofNanos(now - this.begunNanos),
				(thread != null) ? thread.getName() : null, stack);
	}

	final @Nullable Thread getRunningThread() {
		return (this.state == WorkState.RUNNING) ? this.thread : null;
	}

	/**
	 * Return whether this work is a part of the application's start, which has to end
	 * before the application is ready.
	 * @return whether the application waits for this work to become ready
	 */
	protected boolean isPartOfStart() {
		return false;
	}

	/**
	 * Return whether nothing says that this work ends: the application has only given it
	 * to an executor.
	 * @return whether it may be an endless loop
	 */
	protected boolean mayBeLoop() {
		return false;
	}

	/**
	 * Return whether this is being done and may be an endless loop.
	 * @return whether it runs, or waits for something, and nothing says that it ends
	 */
	public final boolean isRunningLoop() {
		WorkState state = this.state;
		return mayBeLoop() && state != WorkState.QUEUED && !state.isOutcome();
	}

	/**
	 * Return whether the work began before the application was ready, and is being done.
	 * @param readyNanos when the application became ready, on the monotonic clock;
	 * {@code null} if it has not become ready
	 * @return whether it runs, or waits for something
	 */
	final boolean isFromStart(@Nullable Long readyNanos) {
		WorkState state = this.state;
		boolean fromStart = isPartOfStart() || (readyNanos != null && this.acceptedNanos - readyNanos < 0);
		return fromStart && state != WorkState.QUEUED && !state.isOutcome();
	}

	/**
	 * Return a snapshot of work that has not begun.
	 * @return the snapshot
	 */
	final WorkSnapshot snapshotQueued() {
		return new WorkSnapshot(this.workload.getName(), getName(), WorkState.QUEUED,
				Duration.ofNanos(this.workload.nanoTime() - this.acceptedNanos), null, List.of());
	}

	/**
	 * Return whether a thread works on this.
	 * @param thread the thread
	 * @return whether the work is running on the thread
	 */
	public final boolean isOn(Thread thread) {
		return this.state == WorkState.RUNNING && this.thread == thread;
	}

	/**
	 * Return whether this came from a source that goes on after the signal.
	 * @return whether the drain does not wait for this
	 */
	protected final boolean isForeign() {
		return this.foreign;
	}

	final long getAcceptedNanos() {
		return this.acceptedNanos;
	}

	// Never too few: work without a thread may submit other work on any thread
	private boolean move(WorkState from, WorkState to) {
		waiting(to, 1);
		boolean moved = STATE.compareAndSet(this, from, to);
		waiting(moved ? from : to, -1);
		return moved;
	}

	private void waiting(WorkState state, int change) {
		if (!this.foreign && isOnUnknownThreads(state)) {
			this.workload.waiting(change);
		}
	}

	private boolean isOnUnknownThreads(WorkState state) {
		return switch (state) {
			case WAITING -> true;
			case RUNNING, INTERRUPTING -> hasOtherThreads();
			default -> false;
		};
	}

	/**
	 * Return whether threads that are not known work on this too, while it is running.
	 * @return whether there may be such threads
	 */
	protected boolean hasOtherThreads() {
		return false;
	}

}
