package io.github.gracefulshutdown.benchmarks.durable;

import java.util.function.IntConsumer;

/**
 * The work of all measured jobs.
 *
 * @author The Graceful Shutdown authors
 */
final class Jobs {

	private static volatile IntConsumer work = (number) -> {
	};

	private Jobs() {
	}

	/**
	 * Set the work of the jobs that begin from now on.
	 * @param work called with the number of each job
	 */
	static void set(IntConsumer work) {
		Jobs.work = work;
	}

	static void run(Invitation invitation) {
		work.accept(invitation.number());
	}

}
