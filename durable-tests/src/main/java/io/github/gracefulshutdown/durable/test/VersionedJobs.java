package io.github.gracefulshutdown.durable.test;

import java.util.List;

import io.github.gracefulshutdown.durable.DurableJob;
import io.github.gracefulshutdown.durable.DurableJobs;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * Jobs that differ between two versions of the application, which run at once during a
 * deployment.
 *
 * @author The Graceful Shutdown authors
 */
interface VersionedJobs {

	/**
	 * Call each job of this version.
	 * @param id the ID of the calls
	 */
	void callAll(String id);

	/**
	 * The jobs before the deployment.
	 */
	@Component
	@ConditionalOnProperty(name = "version", havingValue = "1")
	class First implements VersionedJobs {

		private final Journal journal;

		private final DurableJobs jobs;

		First(Journal journal, DurableJobs jobs) {
			this.journal = journal;
			this.jobs = jobs;
		}

		@Override
		public void callAll(String id) {
			this.jobs.enqueue("removed", id);
			this.jobs.enqueue("old-name", id);
			this.jobs.enqueue("changed", new Order(id, 1, "comment"));
		}

		@DurableJob("removed")
		void removed(String id) {
			this.journal.add("removed " + id);
		}

		@DurableJob("old-name")
		void renamed(String id) {
			this.journal.add("renamed " + id);
		}

		@DurableJob("changed")
		void changed(Order order) {
			this.journal.add("changed " + order);
		}

		record Order(String id, int amount, @Nullable String comment) {

		}

	}

	/**
	 * The jobs after the deployment.
	 */
	@Component
	@ConditionalOnProperty(name = "version", havingValue = "2")
	class Second implements VersionedJobs {

		private final Journal journal;

		private final DurableJobs jobs;

		Second(Journal journal, DurableJobs jobs) {
			this.journal = journal;
			this.jobs = jobs;
		}

		@Override
		public void callAll(String id) {
			this.jobs.enqueue("added", id);
			this.jobs.enqueue("new-name", id);
			this.jobs.enqueue("changed", new Order(id, 2, List.of("item")));
		}

		@DurableJob("added")
		void added(String id) {
			this.journal.add("added " + id);
		}

		@DurableJob(name = "new-name", aliases = "old-name")
		void renamed(String id) {
			this.journal.add("renamed " + id);
		}

		@DurableJob("changed")
		void changed(Order order) {
			this.journal.add("changed " + order);
		}

		record Order(String id, int amount, @Nullable List<String> items) {

		}

	}

}
