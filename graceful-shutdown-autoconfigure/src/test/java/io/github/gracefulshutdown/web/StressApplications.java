package io.github.gracefulshutdown.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Applications that answer in all ways that Spring has, after some milliseconds.
 *
 * @author The Graceful Shutdown authors
 */
final class StressApplications {

	private StressApplications() {
	}

	/**
	 * The requests that have reached their handler.
	 */
	static final class Entered {

		private final Set<String> ids = ConcurrentHashMap.newKeySet();

		Set<String> getIds() {
			return this.ids;
		}

		private String enter(String id) {
			this.ids.add(id);
			return id;
		}

		private String work(String id, long millis) {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
			return id;
		}

	}

	/**
	 * Spring MVC.
	 */
	@SpringBootConfiguration
	@EnableAutoConfiguration
	@Import(Entered.class)
	@RestController
	@RequestMapping("/{id}/{millis}")
	static class Servlet {

		private final Entered entered;

		Servlet(Entered entered) {
			this.entered = entered;
		}

		@GetMapping(path = "/plain")
		String plain(@PathVariable String id, @PathVariable long millis) {
			return this.entered.work(this.entered.enter(id), millis);
		}

		@GetMapping("/throwing")
		String throwing(@PathVariable String id, @PathVariable long millis) {
			throw new IllegalStateException(plain(id, millis));
		}

		@GetMapping("/callable")
		Callable<String> callable(@PathVariable String id, @PathVariable long millis) {
			this.entered.enter(id);
			return () -> this.entered.work(id, millis);
		}

		@GetMapping("/deferred")
		DeferredResult<String> deferred(@PathVariable String id, @PathVariable long millis) {
			this.entered.enter(id);
			DeferredResult<String> result = new DeferredResult<>(60_000L);
			later(millis, () -> result.setResult(id));
			return result;
		}

		@GetMapping("/failing")
		DeferredResult<String> failing(@PathVariable String id, @PathVariable long millis) {
			this.entered.enter(id);
			DeferredResult<String> result = new DeferredResult<>(60_000L);
			later(millis, () -> result.setErrorResult(new IllegalStateException(id)));
			return result;
		}

		@GetMapping("/streaming")
		StreamingResponseBody streaming(@PathVariable String id, @PathVariable long millis) {
			this.entered.enter(id);
			return (out) -> {
				out.write('a');
				out.flush();
				out.write(this.entered.work(id, millis).getBytes(StandardCharsets.UTF_8));
			};
		}

		@PostMapping("/events")
		SseEmitter events(@PathVariable String id, @PathVariable long millis) throws IOException {
			this.entered.enter(id);
			SseEmitter emitter = new SseEmitter(60_000L);
			emitter.send("first");
			later(millis, () -> {
				try {
					emitter.send("last");
					emitter.complete();
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			});
			return emitter;
		}

		private static void later(long millis, Runnable code) {
			CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(code);
		}

	}

	/**
	 * WebFlux.
	 */
	@SpringBootConfiguration
	@EnableAutoConfiguration
	@Import(Entered.class)
	@RestController
	@RequestMapping("/{id}/{millis}")
	static class Reactive {

		private final Entered entered;

		Reactive(Entered entered) {
			this.entered = entered;
		}

		@GetMapping({ "/plain", "/deferred" })
		Mono<String> plain(@PathVariable String id, @PathVariable long millis) {
			return Mono.just(this.entered.enter(id)).delayElement(Duration.ofMillis(millis));
		}

		@GetMapping("/throwing")
		Mono<String> throwing(@PathVariable String id, @PathVariable long millis) {
			throw new IllegalStateException(this.entered.enter(id));
		}

		@GetMapping("/failing")
		Mono<String> failing(@PathVariable String id, @PathVariable long millis) {
			return plain(id, millis).flatMap((done) -> Mono.error(new IllegalStateException(done)));
		}

		@GetMapping("/callable")
		Mono<String> callable(@PathVariable String id, @PathVariable long millis) {
			this.entered.enter(id);
			return Mono.fromCallable(() -> this.entered.work(id, millis)).subscribeOn(Schedulers.boundedElastic());
		}

		@GetMapping("/streaming")
		Flux<String> streaming(@PathVariable String id, @PathVariable long millis) {
			return Flux.just("a").concatWith(plain(id, millis));
		}

		@PostMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<String> events(@PathVariable String id, @PathVariable long millis) {
			return streaming(id, millis);
		}

	}

}
