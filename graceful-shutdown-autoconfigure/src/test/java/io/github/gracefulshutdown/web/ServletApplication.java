package io.github.gracefulshutdown.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;

import io.github.gracefulshutdown.StreamsEndingEvent;

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

		@GetMapping("/lines")
		ResponseEntity<ResponseBodyEmitter> lines() throws IOException {
			ResponseBodyEmitter emitter = new ResponseBodyEmitter(0L);
			emitter.send(Map.of("hello", 1), MediaType.APPLICATION_JSON);
			emitter.send("\n");
			return ResponseEntity.ok().contentType(MediaType.APPLICATION_NDJSON).body(emitter);
		}

		@EventListener
		void sayGoodbye(StreamsEndingEvent event) throws IOException {
			for (SseEmitter emitter : this.emitters) {
				emitter.send("goodbye");
			}
		}

	}

}
