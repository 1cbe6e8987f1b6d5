package io.github.gracefulshutdown.job;

import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Lets Micrometer's context propagation carry the current job to other threads.
 * Registered as a service.
 *
 * @author The Graceful Shutdown authors
 */
public final class CurrentJobAccessor implements ThreadLocalAccessor<JobContext> {

	@Override
	public Object key() {
		return CurrentJob.KEY;
	}

	@Override
	public @Nullable JobContext getValue() {
		return CurrentJob.get();
	}

	@Override
	public void setValue(JobContext value) {
		CurrentJob.set(value);
	}

	@Override
	public void setValue() {
		CurrentJob.set(null);
	}

}
