package io.github.gracefulshutdown.process;

import java.util.concurrent.TimeUnit;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * The requests. All times are in milliseconds.
 *
 * @author The Graceful Shutdown authors
 */
@RestController
class ProcessTestController {

	private final Jobs jobs;

	ProcessTestController(Jobs jobs) {
		this.jobs = jobs;
	}

	@PostMapping("/jobs")
	@ResponseStatus(HttpStatus.ACCEPTED)
	String startJob(String id, long duration) throws InterruptedException {
		this.jobs.timed(id, duration);
		return id;
	}

	@PostMapping("/late-job")
	@ResponseStatus(HttpStatus.ACCEPTED)
	String startJobLate(String id, long delay, long duration) throws InterruptedException {
		TimeUnit.MILLISECONDS.sleep(delay);
		return startJob(id, duration);
	}

	@GetMapping("/echo")
	String echo(String id) {
		return id;
	}

	@GetMapping("/slow")
	String slow(long duration) throws InterruptedException {
		TimeUnit.MILLISECONDS.sleep(duration);
		return "slow";
	}

	@GetMapping("/stuck")
	void stuck() {
		Jobs.ignoreInterrupts();
	}

	@PostMapping("/stuck-job")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void startStuckJob() {
		this.jobs.stuck();
	}

}
