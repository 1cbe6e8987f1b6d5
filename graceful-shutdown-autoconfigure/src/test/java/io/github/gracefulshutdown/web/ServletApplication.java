package io.github.gracefulshutdown.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * An application whose requests are held until they are released.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(ServletApplication.Controller.class)
public class ServletApplication {

	/**
	 * The requests.
	 */
	@RestController
	public static class Controller {

		private final Map<String, CountDownLatch> arrived = new ConcurrentHashMap<>();

		private final Map<String, CountDownLatch> released = new ConcurrentHashMap<>();

		private final Map<String, DeferredResult<String>> deferred = new ConcurrentHashMap<>();

		@GetMapping("/fast")
		String fast() {
			return "fast";
		}

		@GetMapping("/held/{id}")
		String held(@PathVariable String id) throws InterruptedException {
			hold(id);
			return id;
		}

		@GetMapping("/failing/{id}")
		String failing(@PathVariable String id) throws InterruptedException {
			hold(id);
			throw new IllegalStateException(id);
		}

		@GetMapping("/callable/{id}")
		Callable<String> callable(@PathVariable String id) {
			return () -> held(id);
		}

		@GetMapping("/streaming/{id}")
		StreamingResponseBody streaming(@PathVariable String id) {
			return (out) -> {
				try {
					hold(id);
				}
				catch (InterruptedException ex) {
					throw new IOException(ex);
				}
				out.write(id.getBytes(StandardCharsets.UTF_8));
			};
		}

		@GetMapping("/deferred/{id}")
		DeferredResult<String> deferred(@PathVariable String id) {
			DeferredResult<String> result = new DeferredResult<>(60_000L);
			this.deferred.put(id, result);
			latch(this.arrived, id).countDown();
			return result;
		}

		@GetMapping("/timeout/{id}")
		DeferredResult<String> timeout(@PathVariable String id) {
			latch(this.arrived, id).countDown();
			return new DeferredResult<>(300L);
		}

		private void hold(String id) throws InterruptedException {
			latch(this.arrived, id).countDown();
			latch(this.released, id).await(60, TimeUnit.SECONDS);
		}

		public void awaitArrival(String id) throws InterruptedException {
			latch(this.arrived, id).await(60, TimeUnit.SECONDS);
		}

		public void release(String id) {
			latch(this.released, id).countDown();
			DeferredResult<String> result = this.deferred.remove(id);
			if (result != null) {
				result.setResult(id);
			}
		}

		private static CountDownLatch latch(Map<String, CountDownLatch> latches, String id) {
			return latches.computeIfAbsent(id, (key) -> new CountDownLatch(1));
		}

	}

}
