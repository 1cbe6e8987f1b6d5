package io.github.gracefulshutdown.web;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.stereotype.Controller;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketHandler;
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
 * A Spring MVC application whose WebSocket messages are held until they are released.
 * STOMP has the phase that it has without Java configuration.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@EnableWebSocket
@EnableWebSocketMessageBroker
@Import({ HeldRequests.class, WebSocketApplication.StompController.class })
class WebSocketApplication implements WebSocketConfigurer, WebSocketMessageBrokerConfigurer {

	private final HeldRequests messages;

	private final boolean jetty;

	WebSocketApplication(HeldRequests messages, Environment environment) {
		this.messages = messages;
		this.jetty = "JETTY".equals(environment.getProperty("test.server"));
	}

	@Override
	public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
		WebSocketHandler handler = new TextWebSocketHandler() {

			@Override
			protected void handleTextMessage(WebSocketSession session, TextMessage message) throws Exception {
				session.sendMessage(
						new TextMessage("reply to " + WebSocketApplication.this.messages.hold(message.getPayload())));
			}

		};
		registry.addHandler(handler, "/rooms/{room}").setHandshakeHandler(handshakeHandler());
		registry.addHandler(handler, "/sockjs").setHandshakeHandler(handshakeHandler()).withSockJS();
	}

	@Override
	public void registerStompEndpoints(StompEndpointRegistry registry) {
		registry.addEndpoint("/stomp").setHandshakeHandler(handshakeHandler());
	}

	private DefaultHandshakeHandler handshakeHandler() {
		return new DefaultHandshakeHandler(
				this.jetty ? new JettyRequestUpgradeStrategy() : new StandardWebSocketUpgradeStrategy());
	}

	@Override
	public void configureMessageBroker(MessageBrokerRegistry registry) {
		registry.enableSimpleBroker("/topic");
		registry.setApplicationDestinationPrefixes("/app");
	}

	@Override
	public @Nullable Integer getPhase() {
		return SmartLifecycle.DEFAULT_PHASE;
	}

	/**
	 * The messages of STOMP.
	 */
	@Controller
	static class StompController {

		private final HeldRequests messages;

		StompController(HeldRequests messages) {
			this.messages = messages;
		}

		@MessageMapping("/held")
		@SendTo("/topic/replies")
		String held(String id) throws InterruptedException {
			return "reply to " + this.messages.hold(id);
		}

	}

}
