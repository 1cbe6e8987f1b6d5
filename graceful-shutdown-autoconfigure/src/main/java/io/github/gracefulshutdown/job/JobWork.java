package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * One run of a job, whose code can ask for its {@link JobContext}.
 *
 * @author The Graceful Shutdown authors
 */
public abstract class JobWork extends Work implements JobContext {

	private static final Log logger = LogFactory.getLog(JobWork.class);

	private final Stopping stopping;

	private @Nullable List<Runnable> stoppingCallbacks;

	/**
	 * Create a run that the calling thread submits.
	 * @param workload the family of jobs
	 * @param stopping knows whether the application is stopping
	 */
	protected JobWork(TrackedWorkload<?> workload, Stopping stopping) {
		super(workload);
		this.stopping = stopping;
	}

	/**
	 * Create a run.
	 * @param workload the family of jobs
	 * @param stopping knows whether the application is stopping
	 * @param foreign whether the drain does not wait for it
	 */
	protected JobWork(TrackedWorkload<?> workload, Stopping stopping, boolean foreign) {
		super(workload, foreign);
		this.stopping = stopping;
	}

	@Override
	public final boolean isStopping() {
		return this.stopping.isBegun();
	}

	@Override
	public final @Nullable Duration remaining() {
		return this.stopping.remaining();
	}

	@Override
	public final boolean sleep(Duration duration) throws InterruptedException {
		return !this.stopping.await(duration);
	}

	@Override
	public final void onStopping(Runnable callback) {
		synchronized (this) {
			if (!isStopping()) {
				if (this.stoppingCallbacks == null) {
					this.stoppingCallbacks = new ArrayList<>();
				}
				this.stoppingCallbacks.add(callback);
				return;
			}
		}
		call(callback);
	}

	/**
	 * Call the callbacks, because the application is stopping.
	 */
	public final void callStoppingCallbacks() {
		takeStoppingCallbacks().forEach(this::call);
	}

	private synchronized List<Runnable> takeStoppingCallbacks() {
		List<Runnable> callbacks = this.stoppingCallbacks;
		this.stoppingCallbacks = null;
		return (callbacks != null && !getState().isOutcome()) ? callbacks : List.of();
	}

	/**
	 * Call a callback of the application, whose exception is logged.
	 * @param callback the callback
	 */
	protected final void call(Runnable callback) {
		BestEffort.run(logger, "a callback of job '%s'".formatted(getName()), callback::run);
	}

}
