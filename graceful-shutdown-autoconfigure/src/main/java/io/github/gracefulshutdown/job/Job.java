package io.github.gracefulshutdown.job;

import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;

import io.github.gracefulshutdown.Printable;
import io.github.gracefulshutdown.WorkState;
import org.jspecify.annotations.Nullable;

/**
 * One run of a background job.
 *
 * @author The Graceful Shutdown authors
 */
class Job extends JobWork {

	private final JobWorkload workload;

	private final String name;

	private final OnDrain onDrain;

	private final boolean interruptible;

	private volatile @Nullable Future<?> result;

	private volatile @Nullable Runnable cancellation;

	/**
	 * Whether the job ends only when the future of its submitter is complete, so that the
	 * dependent actions of the future can still start jobs.
	 */
	private volatile boolean endingWithFuture;

	private volatile @Nullable WorkState outcome;

	Job(JobWorkload workload, String name, OnDrain onDrain) {
		this(workload, name, onDrain, true);
	}

	Job(JobWorkload workload, String name, OnDrain onDrain, boolean interruptible) {
		super(workload, workload.getStopping());
		this.interruptible = interruptible;
		this.workload = workload;
		this.name = Printable.of(name);
		this.onDrain = onDrain;
	}

	@Override
	public String getName() {
		return this.name;
	}

	@Override
	protected boolean isInterruptible() {
		return this.interruptible;
	}

	/**
	 * Return the name for meters.
	 * @return the name, or {@value JobWorkload#OTHER} if there are too many names
	 */
	String getTag() {
		return this.workload.tagOf(this.name);
	}

	final OnDrain getOnDrain() {
		return this.onDrain;
	}

	/**
	 * Set the future of the submitter, which is cancelled if the job is abandoned.
	 * @param result the future
	 */
	void setResult(Future<?> result) {
		this.result = result;
	}

	boolean isAbandoned() {
		return getState() == WorkState.ABANDONED;
	}

	void cancelResult() {
		Future<?> result = this.result;
		if (result != null) {
			result.cancel(false);
		}
	}

	/**
	 * Set a callback that ends the job early, for a job without a thread that could be
	 * interrupted. Called when the job is cancelled and when it is abandoned, so it may
	 * be called more than once.
	 * @param cancellation ends the job early
	 */
	void setCancellation(Runnable cancellation) {
		this.cancellation = cancellation;
	}

	boolean hasCancellation() {
		return this.cancellation != null;
	}

	void callCancellation() {
		Runnable cancellation = this.cancellation;
		if (cancellation != null) {
			call(cancellation);
		}
	}

	void endsWithFuture() {
		this.endingWithFuture = true;
	}

	void futureCompleted() {
		this.endingWithFuture = false;
		WorkState outcome = this.outcome;
		if (outcome != null) {
			end(outcome);
		}
	}

	/**
	 * The job is done. It ends now, or with the future of its submitter.
	 * @param outcome the outcome
	 */
	void complete(WorkState outcome) {
		if (this.endingWithFuture) {
			this.outcome = outcome;
		}
		// Read again: the future may have completed before the outcome was set
		if (!this.endingWithFuture) {
			end(outcome);
		}
	}

	/**
	 * The job is done, with an exception. If the drain has cancelled the job, the
	 * exception counts as a consequence of that.
	 * @param ex the exception
	 */
	void fail(Throwable ex) {
		observeFailure(ex);
		boolean cancelled = isCancelled() || ex instanceof CancellationException;
		complete(cancelled ? WorkState.CANCELLED : WorkState.FAILED);
	}

	@Override
	protected void onEnd(WorkState outcome) {
		this.workload.ended(this);
		observeEnd(outcome);
	}

}
