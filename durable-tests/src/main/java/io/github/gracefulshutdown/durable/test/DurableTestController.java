package io.github.gracefulshutdown.durable.test;

import io.github.gracefulshutdown.GracefulShutdown;

import org.springframework.http.HttpStatus;
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

	DurableTestController(DurableTestJobs jobs, GracefulShutdown shutdown) {
		this.jobs = jobs;
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
	void accept(@RequestParam String id, @RequestParam long duration) throws InterruptedException {
		this.jobs.timed(id, duration);
	}

}
