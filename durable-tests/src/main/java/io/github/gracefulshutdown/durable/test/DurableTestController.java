package io.github.gracefulshutdown.durable.test;

import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import io.github.gracefulshutdown.GracefulShutdown;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Accepts durable jobs.
 *
 * @author The Graceful Shutdown authors
 */
@RestController
class DurableTestController {

	private final DurableTestJobs jobs;

	private final GracefulShutdown shutdown;

	private final ObjectProvider<DataSource> database;

	private final ObjectProvider<VersionedJobs> versionedJobs;

	private final Journal journal;

	DurableTestController(DurableTestJobs jobs, GracefulShutdown shutdown, ObjectProvider<DataSource> database,
			ObjectProvider<VersionedJobs> versionedJobs, Journal journal) {
		this.jobs = jobs;
		this.versionedJobs = versionedJobs;
		this.journal = journal;
		this.database = database;
		this.shutdown = shutdown;
	}

	@PostMapping("/standby")
	boolean standBy() {
		return this.shutdown.standBy("test");
	}

	@PostMapping("/resume")
	boolean resume() {
		return this.shutdown.resume();
	}

	@PostMapping("/jobs")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void accept(@RequestParam String id, @RequestParam long duration) {
		this.jobs.timed(id, duration);
	}

	@PostMapping("/stepped-jobs")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void acceptStepped(@RequestParam String id, @RequestParam long duration) throws InterruptedException {
		this.jobs.stepped(id, duration);
	}

	@PostMapping("/halting-jobs")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void acceptHalting(@RequestParam String id, @RequestParam long duration) throws InterruptedException {
		this.jobs.halting(id, duration);
	}

	@PostMapping("/versioned-jobs")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void acceptVersioned(@RequestParam String id) {
		this.versionedJobs.getObject().callAll(id);
	}

	@PostMapping("/rolled-back")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void rollBack(@RequestParam String id, @RequestParam(defaultValue = "0") long duration) {
		inTransaction(id, duration, true);
	}

	@PostMapping("/committed")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void commit(@RequestParam String id, @RequestParam long duration) {
		inTransaction(id, duration, false);
	}

	private void inTransaction(String id, long duration, boolean rollBack) {
		new TransactionTemplate(new JdbcTransactionManager(this.database.getObject()))
			.executeWithoutResult((status) -> {
				this.jobs.timed(id, 0);
				sleep(duration);
				if (rollBack) {
					status.setRollbackOnly();
				}
				this.journal.add("transaction ends " + id);
			});
	}

	private static void sleep(long millis) {
		try {
			TimeUnit.MILLISECONDS.sleep(millis);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
