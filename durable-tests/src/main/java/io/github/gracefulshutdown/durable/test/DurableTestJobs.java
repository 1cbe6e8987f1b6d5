package io.github.gracefulshutdown.durable.test;

import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.durable.DurableJob;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * A durable job that takes its time, if this process is slow.
 *
 * @author The Graceful Shutdown authors
 */
@Component
class DurableTestJobs {

	private final Journal journal;

	private final boolean slow;

	DurableTestJobs(Journal journal, @Value("${slow:true}") boolean slow) {
		this.journal = journal;
		this.slow = slow;
	}

	@DurableJob("timed")
	void timed(String id, long millis) {
		this.journal.add("begun " + id);
		if (this.slow) {
			try {
				TimeUnit.MILLISECONDS.sleep(millis);
			}
			catch (InterruptedException ex) {
				this.journal.add("interrupted " + id);
				throw new IllegalStateException(ex);
			}
		}
		this.journal.add(id);
	}

}
