package io.github.gracefulshutdown.durable.test;

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

	DurableTestController(DurableTestJobs jobs, GracefulShutdown shutdown, ObjectProvider<DataSource> database) {
		this.jobs = jobs;
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

	@PostMapping("/rolled-back")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void rollBack(@RequestParam String id) {
		new TransactionTemplate(new JdbcTransactionManager(this.database.getObject()))
			.executeWithoutResult((status) -> {
				this.jobs.timed(id, 0);
				status.setRollbackOnly();
			});
	}

}
