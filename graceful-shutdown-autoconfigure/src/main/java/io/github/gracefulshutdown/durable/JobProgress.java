package io.github.gracefulshutdown.durable;

import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Reads and saves the progress of durable jobs. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class JobProgress {

	private final JobStore store;

	private final JobJson json;

	JobProgress(JobStore store, JobJson json) {
		this.store = store;
		this.json = json;
	}

	<T> Optional<T> read(StoredJob job, Class<T> type) {
		String progress = job.progress();
		return (progress != null) ? Optional.of(this.json.readProgress(job, progress, type)) : Optional.empty();
	}

	/**
	 * Save the progress of a job, in the transaction of the caller if there is one.
	 * @param job the picked job
	 * @param progress its progress
	 * @throws CancellationException if another instance has taken the job over
	 */
	void save(StoredJob job, Object progress) {
		String written = this.json.writeProgress(job, progress);
		// A job that is cancelled may still save how far it came
		if (!Uninterrupted.call(() -> this.store.saveProgress(job, written))) {
			throw new CancellationException(
					"Durable job '%s %s' is no longer a job of this instance".formatted(job.name(), job.id()));
		}
	}

}
