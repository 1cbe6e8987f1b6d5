package io.github.gracefulshutdown.process;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.gracefulshutdown.job.BackgroundJob;

import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Component;

/**
 * The background jobs.
 *
 * @author The Graceful Shutdown authors
 */
@Component
class Jobs {

	private final Journal journal;

	Jobs(Journal journal) {
		this.journal = journal;
	}

	@Async
	@BackgroundJob("timed")
	void timed(String id, long duration) throws InterruptedException {
		TimeUnit.MILLISECONDS.sleep(duration);
		this.journal.add(id);
	}

	@Async
	void task(String id, long duration) throws InterruptedException {
		timed(id, duration);
	}

	@Async
	@BackgroundJob("stuck-job")
	void stuck() {
		ignoreInterrupts();
	}

	static void ignoreInterrupts() {
		while (true) {
			LockSupport.park();
			Thread.interrupted();
		}
	}

}
