package io.github.gracefulshutdown.durable;

import java.util.Optional;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.job.JobWork;
import io.github.gracefulshutdown.job.OnDrain;

/**
 * One run of a durable job in this process, until its end is written to the store.
 *
 * @author The Graceful Shutdown authors
 */
final class DurableRun extends JobWork {

	private final DurableJobDefinition definition;

	private final StoredJob job;

	private final JobProgress progress;

	private volatile boolean admitted;

	private volatile boolean begun;

	DurableRun(DurableWorkload workload, DurableJobDefinition definition, StoredJob job, JobProgress progress) {
		// A job that was picked in the moment of the signal must not be left out
		super(workload, workload.getStopping(), false);
		this.definition = definition;
		this.job = job;
		this.progress = progress;
	}

	@Override
	public String getName() {
		return "%s %s".formatted(this.definition.name(), this.job.id());
	}

	DurableJobDefinition getDefinition() {
		return this.definition;
	}

	StoredJob getJob() {
		return this.job;
	}

	@Override
	protected boolean isInterruptible() {
		return this.definition.interrupt();
	}

	void setAdmitted() {
		this.admitted = true;
	}

	boolean isAdmitted() {
		return this.admitted;
	}

	void setBegun(boolean begun) {
		this.begun = begun;
	}

	boolean isBegun() {
		return this.begun;
	}

	/**
	 * The job has returned, and its end is going to be written.
	 * @param outcome how it ended
	 */
	void returned(Completions.Outcome outcome) {
		if (outcome.failure() != null) {
			observeFailure(outcome.failure());
		}
		observeEnd(outcome.state());
	}

	@Override
	protected void onEnd(WorkState outcome) {
		observeEnd(outcome);
	}

	boolean isCancelledByShutdown() {
		return this.definition.onDrain() == OnDrain.CANCEL;
	}

	@Override
	public String id() {
		return this.job.id();
	}

	@Override
	public int attempt() {
		return this.job.attempts() + 1;
	}

	@Override
	public <T> Optional<T> progress(Class<T> type) {
		return this.progress.read(this.job, type);
	}

	@Override
	public void saveProgress(Object progress) {
		this.progress.save(this.job, progress);
	}

}
