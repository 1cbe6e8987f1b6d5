package io.github.gracefulshutdown.web;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.github.gracefulshutdown.StreamsEndingEvent;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.server.WebSocketService;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import org.springframework.web.reactive.socket.server.upgrade.JettyRequestUpgradeStrategy;
import org.springframework.web.reactive.socket.server.upgrade.ReactorNettyRequestUpgradeStrategy;
import org.springframework.web.reactive.socket.server.upgrade.StandardWebSocketUpgradeStrategy;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;

/**
 * A WebFlux application whose requests are held until they are released.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({ HeldRequests.class, ReactiveApplication.Controller.class })
public class ReactiveApplication implements WebFluxConfigurer {

	private final Environment environment;

	ReactiveApplication(Environment environment) {
		this.environment = environment;
	}

	@Override
	public WebSocketService getWebSocketService() {
		return new HandshakeWebSocketService(switch (this.environment.getRequiredProperty("test.server")) {
			case "JETTY" -> new JettyRequestUpgradeStrategy();
			case "TOMCAT" -> new StandardWebSocketUpgradeStrategy();
			default -> new ReactorNettyRequestUpgradeStrategy();
		});
	}

	@Bean
	SimpleUrlHandlerMapping webSockets(HeldRequests requests) {
		boolean eventLoop = "NETTY".equals(this.environment.getProperty("test.server"));
		WebSocketHandler socket = (session) -> session.receive().then();
		WebSocketHandler held = (session) -> {
			CompletableFuture<String> released = requests.arrive("socket");
			if (!eventLoop) {
				released.join();
			}
			return socket.handle(session);
		};
		WebSocketHandler replying = (session) -> session.send(session.receive()
			.concatMap((message) -> Mono.fromFuture(requests.arrive(message.getPayloadAsText())))
			.map((released) -> session.textMessage("reply to " + released)));
		return new SimpleUrlHandlerMapping(
				Map.of("/socket", socket, "/stomp", socket, "/held-socket", held, "/replying", replying), 1);
	}

	@Bean
	RouterFunction<ServerResponse> functionalStream() {
		return RouterFunctions.route()
			.GET("/functional-events",
					(request) -> ServerResponse.ok()
						.body(BodyInserters.fromServerSentEvents(
								Flux.just(ServerSentEvent.builder("hello").build()).concatWith(Flux.never()))))
			.build();
	}

	/**
	 * The requests.
	 */
	@RestController
	static class Controller {

		private final HeldRequests requests;

		private final Sinks.Many<String> events = Sinks.many().multicast().directBestEffort();

		Controller(HeldRequests requests) {
			this.requests = requests;
		}

		@GetMapping("/fast")
		Mono<String> fast() {
			return Mono.just("fast");
		}

		@PostMapping("/upload")
		Mono<Integer> upload(@RequestBody byte[] body) {
			return Mono.just(body.length);
		}

		@GetMapping("/held/{id}")
		Mono<String> held(@PathVariable String id) {
			return Mono.fromFuture(this.requests.arrive(id));
		}

		@GetMapping("/failing/{id}")
		Mono<String> failing(@PathVariable String id) {
			return held(id).flatMap((result) -> Mono.error(new IllegalStateException(result)));
		}

		@GetMapping("/callable/{id}")
		Mono<String> callable(@PathVariable String id) {
			return Mono.fromCallable(() -> this.requests.hold(id)).subscribeOn(Schedulers.boundedElastic());
		}

		@GetMapping("/streaming/{id}")
		Flux<String> streaming(@PathVariable String id) {
			return held(id).concatWith(Mono.just("."));
		}

		@GetMapping("/deferred/{id}")
		Mono<String> deferred(@PathVariable String id) {
			return held(id).publishOn(Schedulers.parallel());
		}

		@GetMapping("/timeout/{id}")
		Mono<String> timeout(@PathVariable String id) {
			return held(id).timeout(Duration.ofMillis(300),
					Mono.error(new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE)));
		}

		@GetMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<String> events() {
			return Flux.just("hello").concatWith(this.events.asFlux());
		}

		@GetMapping(path = "/completing-events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<String> completingEvents() {
			return events().takeUntil("goodbye"::equals);
		}

		@RequestMapping(path = { "/tokens", "/emitter-tokens" }, method = { RequestMethod.GET, RequestMethod.POST },
				produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<String> tokens() {
			return Flux.range(1, 10).map((number) -> "token" + number).delayElements(Duration.ofMillis(100));
		}

		@GetMapping(path = "/ticks", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<String> ticks() {
			return Flux.interval(Duration.ofMillis(50)).onBackpressureDrop().map((number) -> "tick");
		}

		@PostMapping(path = "/endless/{size}", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<String> endless(@PathVariable int size) {
			String event = "x".repeat(size);
			return Mono.fromSupplier(() -> event)
				.repeat()
				.subscribeOn(Schedulers.boundedElastic())
				.doFinally((end) -> this.requests.arrive("failure"));
		}

		@RequestMapping(path = "/answer/{id}", method = { RequestMethod.GET, RequestMethod.POST },
				produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<String> answer(@PathVariable String id, @RequestParam @Nullable Boolean stream,
				ServerWebExchange exchange) {
			if (stream != null) {
				exchange.getAttributes().put(StreamPredicate.ATTRIBUTE, stream);
			}
			return Flux.just("hello").concatWith(held(id).map((result) -> "goodbye"));
		}

		@GetMapping(path = "/lines/{id}", produces = MediaType.APPLICATION_NDJSON_VALUE)
		Flux<Map<String, Integer>> lines(@PathVariable String id, @RequestParam @Nullable Boolean stream,
				ServerWebExchange exchange) {
			return answer(id, stream, exchange).map((line) -> Map.of(line, 1));
		}

		@EventListener
		void send(String event) {
			this.events.tryEmitNext(event);
		}

		@EventListener
		void sayGoodbye(StreamsEndingEvent event) {
			send("goodbye");
		}

	}

}
