package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * {@link JobContext} of threads that do not run a job.
 *
 * @author The Graceful Shutdown authors
 */
enum NoJob implements JobContext {

	INSTANCE;

	@Override
	public boolean isStopping() {
		return false;
	}

	@Override
	public boolean isCancelled() {
		return false;
	}

	@Override
	public @Nullable Duration remaining() {
		return null;
	}

	@Override
	public boolean sleep(Duration duration) throws InterruptedException {
		TimeUnit.NANOSECONDS.sleep(duration.toNanos());
		return true;
	}

	@Override
	public void onStopping(Runnable callback) {
	}

}
