package io.github.gracefulshutdown.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;

import io.github.gracefulshutdown.StreamsEndingEvent;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;
import org.springframework.web.socket.handler.TextWebSocketHandler;
import org.springframework.web.socket.server.jetty.JettyRequestUpgradeStrategy;
import org.springframework.web.socket.server.standard.StandardWebSocketUpgradeStrategy;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;

/**
 * A Spring MVC application whose requests are held until they are released.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@EnableWebSocket
@EnableWebSocketMessageBroker
@Import({ HeldRequests.class, ServletApplication.Controller.class })
public class ServletApplication implements WebSocketConfigurer, WebSocketMessageBrokerConfigurer {

	private final HeldRequests requests;

	private final DefaultHandshakeHandler handshakeHandler;

	ServletApplication(HeldRequests requests, Environment environment) {
		this.requests = requests;
		boolean jetty = "JETTY".equals(environment.getProperty("test.server"));
		this.handshakeHandler = new DefaultHandshakeHandler(
				jetty ? new JettyRequestUpgradeStrategy() : new StandardWebSocketUpgradeStrategy());
	}

	@Override
	public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
		registry.addHandler(new TextWebSocketHandler(), "/socket").setHandshakeHandler(this.handshakeHandler);
		registry.addHandler(new TextWebSocketHandler() {

			@Override
			public void afterConnectionEstablished(WebSocketSession session) throws Exception {
				ServletApplication.this.requests.hold("socket");
			}

		}, "/held-socket").setHandshakeHandler(this.handshakeHandler);
	}

	@Override
	public void registerStompEndpoints(StompEndpointRegistry registry) {
		registry.addEndpoint("/stomp").setHandshakeHandler(this.handshakeHandler);
	}

	@Override
	public void configureMessageBroker(MessageBrokerRegistry registry) {
		registry.enableSimpleBroker("/topic");
	}

	@Bean
	RouterFunction<ServerResponse> functionalStream() {
		return RouterFunctions.route().GET("/functional-events", (request) -> ServerResponse.sse((events) -> {
			try {
				events.send("hello");
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		})).build();
	}

	/**
	 * The requests.
	 */
	@RestController
	static class Controller {

		private final HeldRequests requests;

		private final Set<SseEmitter> emitters = ConcurrentHashMap.newKeySet();

		private final Set<SseEmitter> completing = ConcurrentHashMap.newKeySet();

		Controller(HeldRequests requests) {
			this.requests = requests;
		}

		@GetMapping("/fast")
		String fast() {
			return "fast";
		}

		@PostMapping("/upload")
		int upload(@RequestBody byte[] body) {
			return body.length;
		}

		@GetMapping("/held/{id}")
		String held(@PathVariable String id) throws InterruptedException {
			return this.requests.hold(id);
		}

		@GetMapping("/failing/{id}")
		String failing(@PathVariable String id) throws InterruptedException {
			throw new IllegalStateException(this.requests.hold(id));
		}

		@GetMapping("/callable/{id}")
		Callable<String> callable(@PathVariable String id) {
			return () -> held(id);
		}

		@GetMapping("/streaming/{id}")
		StreamingResponseBody streaming(@PathVariable String id) {
			return (out) -> {
				try {
					out.write(this.requests.hold(id).getBytes(StandardCharsets.UTF_8));
				}
				catch (InterruptedException ex) {
					throw new IOException(ex);
				}
			};
		}

		@GetMapping("/deferred/{id}")
		DeferredResult<String> deferred(@PathVariable String id) {
			DeferredResult<String> result = new DeferredResult<>(60_000L);
			this.requests.arrive(id).thenAccept(result::setResult);
			return result;
		}

		@GetMapping("/timeout/{id}")
		DeferredResult<String> timeout(@PathVariable String id) {
			this.requests.arrive(id);
			return new DeferredResult<>(300L);
		}

		@GetMapping("/events")
		SseEmitter events() throws IOException {
			SseEmitter emitter = new SseEmitter(0L);
			emitter.onCompletion(() -> this.emitters.remove(emitter));
			emitter.send("hello");
			this.emitters.add(emitter);
			return emitter;
		}

		@GetMapping("/completing-events")
		SseEmitter completingEvents() throws IOException {
			SseEmitter emitter = new SseEmitter(0L);
			emitter.send("hello");
			this.completing.add(emitter);
			return emitter;
		}

		@RequestMapping(path = "/emitter-tokens", method = { RequestMethod.GET, RequestMethod.POST })
		SseEmitter emitterTokens() {
			SseEmitter emitter = new SseEmitter(0L);
			tokens().subscribe((token) -> {
				try {
					emitter.send(token);
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			}, emitter::completeWithError, emitter::complete);
			return emitter;
		}

		@RequestMapping(path = "/tokens", method = { RequestMethod.GET, RequestMethod.POST },
				produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<String> tokens() {
			return Flux.range(1, 10).map((number) -> "token" + number).delayElements(Duration.ofMillis(100));
		}

		@GetMapping(path = "/ticks", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<String> ticks() {
			return Flux.interval(Duration.ofMillis(50)).onBackpressureDrop().map((number) -> "tick");
		}

		@RequestMapping(path = "/answer/{id}", method = { RequestMethod.GET, RequestMethod.POST })
		SseEmitter answer(@PathVariable String id, @RequestParam @Nullable Boolean stream, HttpServletRequest request)
				throws IOException {
			request.setAttribute(StreamPredicate.ATTRIBUTE, stream);
			SseEmitter emitter = new SseEmitter(0L);
			emitter.send("hello");
			this.requests.arrive(id).thenAccept((result) -> end(emitter, "goodbye"));
			return emitter;
		}

		@PostMapping("/endless/{size}")
		SseEmitter endless(@PathVariable int size) {
			SseEmitter emitter = new SseEmitter(0L);
			String event = "x".repeat(size);
			new Thread(() -> {
				try {
					while (true) {
						emitter.send(event);
					}
				}
				catch (IOException | IllegalStateException ex) {
					this.requests.arrive("failure");
				}
			}).start();
			return emitter;
		}

		@GetMapping("/lines/{id}")
		ResponseEntity<ResponseBodyEmitter> lines(@PathVariable String id, @RequestParam @Nullable Boolean stream,
				HttpServletRequest request) throws IOException {
			request.setAttribute(StreamPredicate.ATTRIBUTE, stream);
			ResponseBodyEmitter emitter = new ResponseBodyEmitter(0L);
			emitter.send("{\"hello\": 1}\n");
			this.requests.arrive(id).thenAccept((result) -> end(emitter, "{\"goodbye\": 1}\n"));
			return ResponseEntity.ok().contentType(MediaType.APPLICATION_NDJSON).body(emitter);
		}

		private static void end(ResponseBodyEmitter emitter, String last) {
			try {
				emitter.send(last);
				emitter.complete();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		@EventListener
		void send(String event) throws IOException {
			for (SseEmitter emitter : this.emitters) {
				emitter.send(event);
			}
		}

		@EventListener
		void sayGoodbye(StreamsEndingEvent event) throws IOException {
			send("goodbye");
			this.completing.forEach(SseEmitter::complete);
		}

	}

}
