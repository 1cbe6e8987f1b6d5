package io.github.gracefulshutdown.durable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.gracefulshutdown.job.JobContext;
import io.github.gracefulshutdown.job.OnDrain;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.Work;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * One run of a durable job in this process, until its end is written to the store.
 *
 * @author The Graceful Shutdown authors
 */
final class DurableRun extends Work implements JobContext {

	private static final Log logger = LogFactory.getLog(DurableRun.class);

	private final DurableWorkload workload;

	private final DurableJobDefinition definition;

	private final StoredJob job;

	private @Nullable List<Runnable> stoppingCallbacks;

	private volatile boolean admitted;

	private volatile boolean begun;

	DurableRun(DurableWorkload workload, DurableJobDefinition definition, StoredJob job) {
		// A job that was picked in the moment of the signal must not be left out
		super(workload, false);
		this.workload = workload;
		this.definition = definition;
		this.job = job;
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

	boolean isCancelledByShutdown() {
		return this.definition.onDrain() == OnDrain.CANCEL;
	}

	@Override
	public boolean isStopping() {
		return this.workload.isStopping();
	}

	@Override
	public @Nullable Duration remaining() {
		return this.workload.remaining();
	}

	@Override
	public boolean sleep(Duration duration) throws InterruptedException {
		return !this.workload.awaitStopping(duration);
	}

	@Override
	public void onStopping(Runnable callback) {
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
	void stopping() {
		takeStoppingCallbacks().forEach(this::call);
	}

	private synchronized List<Runnable> takeStoppingCallbacks() {
		List<Runnable> callbacks = this.stoppingCallbacks;
		this.stoppingCallbacks = null;
		return (callbacks != null && !getState().isOutcome()) ? callbacks : List.of();
	}

	private void call(Runnable callback) {
		BestEffort.run(logger, "a callback of durable job '%s'".formatted(getName()), callback::run);
	}

}
