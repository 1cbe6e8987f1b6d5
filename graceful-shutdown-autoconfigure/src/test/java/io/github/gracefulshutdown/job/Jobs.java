package io.github.gracefulshutdown.job;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

import org.springframework.scheduling.annotation.Async;

/**
 * Background jobs with a body from the test.
 *
 * @author The Graceful Shutdown authors
 */
class Jobs {

	@BackgroundJob("call")
	<T> T call(Callable<T> body) throws Exception {
		return body.call();
	}

	@Async
	@BackgroundJob("run")
	void run(Body body) throws Exception {
		body.run();
	}

	@Async
	@BackgroundJob("submit")
	Future<String> submit(Callable<Future<String>> body) throws Exception {
		return body.call();
	}

	@Async
	@BackgroundJob("supply")
	CompletableFuture<String> supply(Callable<CompletableFuture<String>> body) throws Exception {
		return body.call();
	}

	/**
	 * Body of a job that returns nothing.
	 */
	interface Body {

		void run() throws Exception;

	}

}
