package io.github.gracefulshutdown.work;

import java.time.Duration;

import io.github.gracefulshutdown.job.BackgroundJob;
import io.github.gracefulshutdown.job.JobContext;
import reactor.core.publisher.Mono;

import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Component;

/**
 * Work that is annotated.
 *
 * @author The Graceful Shutdown authors
 */
@Component
class AnnotatedWork {

	private final Worker worker;

	AnnotatedWork(Worker worker) {
		this.worker = worker;
	}

	/**
	 * An endless loop that stops at the signal if it can ask for it.
	 */
	@Async
	@BackgroundJob
	void untilToldToStop() {
		JobContext context = JobContext.current();
		this.worker.handle("slow", () -> {
			while (context.sleep(Duration.ofSeconds(1))) {
				context.checkpoint();
			}
		});
	}

	@BackgroundJob
	Mono<Void> reactive(String message) {
		return Mono.defer(() -> Mono.fromFuture(this.worker.handleElsewhere(message)));
	}

}
