package io.github.gracefulshutdown.process;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

import com.sun.management.ThreadMXBean;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * The requests. All times are in milliseconds.
 *
 * @author The Graceful Shutdown authors
 */
@RestController
class ProcessTestController {

	private static final Log logger = LogFactory.getLog(ProcessTestController.class);

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

	@PostMapping("/tasks")
	@ResponseStatus(HttpStatus.ACCEPTED)
	String startTask(String id, long duration) throws InterruptedException {
		this.jobs.task(id, duration);
		return id;
	}

	@PostMapping("/late-job")
	@ResponseStatus(HttpStatus.ACCEPTED)
	String startJobLate(String id, long delay, long duration) throws InterruptedException {
		TimeUnit.MILLISECONDS.sleep(delay);
		return startJob(id, duration);
	}

	@RequestMapping(path = "/echo", method = { RequestMethod.GET, RequestMethod.POST })
	String echo(String id) {
		return id;
	}

	/**
	 * Return the ID. Nothing blocks, so Reactor Netty does it on its event loop.
	 * @param id the ID
	 * @return the ID
	 */
	@GetMapping("/reactive-echo")
	Mono<String> reactiveEcho(String id) {
		return Mono.just(id);
	}

	/**
	 * Return the allocations of all living threads. Threads that ended in between are
	 * missing.
	 * @return the number of bytes
	 */
	@GetMapping("/allocated")
	long allocated() {
		ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
		return LongStream.of(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
			.filter((bytes) -> bytes > 0)
			.sum();
	}

	@GetMapping("/slow")
	String slow(long duration) throws InterruptedException {
		logger.info("slow begins");
		TimeUnit.MILLISECONDS.sleep(duration);
		return "slow";
	}

	@GetMapping("/stuck")
	void stuck() {
		logger.info("stuck begins");
		Jobs.ignoreInterrupts();
	}

	@PostMapping("/stuck-job")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void startStuckJob() {
		this.jobs.stuck();
	}

}
