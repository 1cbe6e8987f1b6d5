package io.github.gracefulshutdown.benchmarks;

import io.github.gracefulshutdown.job.BackgroundJob;
import io.micrometer.core.annotation.Timed;

/**
 * Target of the proxies.
 *
 * @author The Graceful Shutdown authors
 */
public class Target {

	public int plain(int argument) {
		return argument + 1;
	}

	@BackgroundJob("job")
	public int job(int argument) {
		return argument + 1;
	}

	@Timed(value = "timed", longTask = true)
	public int timed(int argument) {
		return argument + 1;
	}

}
