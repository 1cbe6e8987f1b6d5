package io.github.gracefulshutdown.durable;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import io.github.gracefulshutdown.job.CurrentJob;
import io.github.gracefulshutdown.job.JobObservations;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Picks a job and runs it on the calling thread, which does not use the store once the
 * job has begun, because the drain may interrupt it. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class JobRunner {

	private static final Log logger = LogFactory.getLog(JobRunner.class);

	private final DurableJobDefinitions definitions;

	private final DurableWorkload workload;

	private final Storage storage;

	private final Instance instance;

	private final Completions completions;

	private final JobJson json;

	private final JobProgress progress;

	private final DurableObservations observations;

	private final DurableStatistics statistics;

	/**
	 * Create a runner.
	 * @param definitions the jobs of this application
	 * @param workload the runs of the jobs
	 * @param storage where the jobs are kept
	 * @param instance knows whether this instance may run jobs
	 * @param completions writes the ends of runs
	 * @param json reads arguments
	 * @param observations observes runs
	 * @param statistics counts runs
	 */
	JobRunner(DurableJobDefinitions definitions, DurableWorkload workload, Storage storage, Instance instance,
			Completions completions, JobJson json, DurableObservations observations, DurableStatistics statistics) {
		this.definitions = definitions;
		this.workload = workload;
		this.storage = storage;
		this.instance = instance;
		this.completions = completions;
		this.json = json;
		this.progress = new JobProgress(storage.store(), json);
		this.observations = observations;
		this.statistics = statistics;
	}

	/**
	 * Pick a job and run it. The end of its run is given to the completions.
	 * @param candidate the job
	 * @return whether it was picked; if not, another instance has it, or none may be
	 * picked now
	 * @throws org.springframework.dao.DataAccessException if the store fails. Then it may
	 * have been picked nevertheless
	 */
	boolean run(StoredJob candidate) {
		Thread.interrupted();
		DurableRun run = null;
		if (this.workload.beginPick()) {
			try {
				run = pick(candidate);
			}
			finally {
				this.workload.endPick();
			}
		}
		if (run == null) {
			return false;
		}
		finish(run);
		return true;
	}

	/**
	 * Run a job that was picked when it was stored, and end that
	 * {@linkplain DurableWorkload#beginPick() pick}.
	 * @param job the picked job
	 */
	void runPicked(StoredJob job) {
		Thread.interrupted();
		DurableRun run;
		try {
			run = begin(Objects.requireNonNull(this.definitions.find(job.name())), job);
		}
		finally {
			this.workload.endPick();
		}
		finish(run);
	}

	private @Nullable DurableRun pick(StoredJob candidate) {
		DurableJobDefinition definition = this.definitions.find(candidate.name());
		StoredJob job = (definition != null) ? this.storage.store().pick(candidate, this.storage.instance()) : null;
		return (definition != null && job != null) ? begin(definition, job) : null;
	}

	private DurableRun begin(DurableJobDefinition definition, StoredJob job) {
		DurableRun run = new DurableRun(this.workload, definition, job, this.progress);
		run.setBegun(this.workload.begin(run, this.instance::isSafe));
		return run;
	}

	private void finish(DurableRun run) {
		this.completions.add(run, run.isBegun() ? call(run) : Completions.Outcome.HANDED_OVER);
	}

	// Whatever an observation does, the run needs an end
	private Completions.Outcome call(DurableRun run) {
		AtomicReference<Completions.@Nullable Outcome> outcome = new AtomicReference<>();
		try {
			observe(run, outcome);
		}
		catch (Throwable ex) {
			outcome.compareAndSet(null, Completions.Outcome.failed(ex));
			logger.warn("Failed to observe durable job '%s'".formatted(run.getName()), ex);
		}
		return Objects.requireNonNull(outcome.get());
	}

	private void observe(DurableRun run, AtomicReference<Completions.@Nullable Outcome> outcome) {
		this.statistics.begun(run);
		CurrentJob.set(run);
		try (JobObservations.Scope scope = this.observations.open(run)) {
			outcome.set(callJob(run));
		}
		finally {
			CurrentJob.set(null);
			// From here on, the drain does not interrupt this thread
			run.detach();
			Thread.interrupted();
		}
		run.returned(Objects.requireNonNull(outcome.get()));
	}

	private Completions.Outcome callJob(DurableRun run) {
		DurableJobDefinition definition = run.getDefinition();
		@Nullable Object[] arguments;
		try {
			arguments = this.json.read(definition, run.getJob().payload());
		}
		catch (JacksonException ex) {
			return Completions.Outcome.unreadable(ex);
		}
		catch (Throwable ex) {
			return Completions.Outcome.failed(ex);
		}
		try {
			definition.run(arguments);
			return Completions.Outcome.COMPLETED;
		}
		catch (Throwable ex) {
			return run.isCancelled() ? Completions.Outcome.HANDED_OVER : Completions.Outcome.failed(ex);
		}
	}

}
