package io.github.gracefulshutdown.durable.test;

import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.durable.DurableJob;
import io.github.gracefulshutdown.job.JobContext;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Durable jobs that take their time, if this process is slow.
 *
 * @author The Graceful Shutdown authors
 */
@Component
class DurableTestJobs {

	private static final int STEPS = 3;

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
				Thread.currentThread().interrupt();
				throw new IllegalStateException(ex);
			}
		}
		this.journal.add(id);
	}

	/**
	 * Saves its progress after each of its steps.
	 * @param id the ID of the job
	 * @param millis the time of each step
	 * @throws InterruptedException if the job is interrupted
	 */
	@DurableJob(name = "stepped", attempts = 100, backoff = "100ms")
	void stepped(String id, long millis) throws InterruptedException {
		this.journal.add("begun " + id);
		JobContext context = JobContext.current();
		try {
			for (int step = context.progress(Integer.class).orElse(0); step < STEPS; step++) {
				TimeUnit.MILLISECONDS.sleep(millis);
				context.saveProgress(step + 1);
				this.journal.add("saved %d-%s".formatted(step, id));
			}
		}
		catch (InterruptedException | RuntimeException ex) {
			this.journal.add("interrupted " + id);
			throw ex;
		}
		this.journal.add(id);
	}

	/**
	 * Ends the process, as a crash of native code or the kernel for want of memory does.
	 * @param id the ID of the job
	 * @param millis the time until then
	 * @throws InterruptedException if the job is interrupted
	 */
	@DurableJob("halting")
	void halting(String id, long millis) throws InterruptedException {
		this.journal.add("begun " + id);
		TimeUnit.MILLISECONDS.sleep(millis);
		Runtime.getRuntime().halt(1);
	}

}
