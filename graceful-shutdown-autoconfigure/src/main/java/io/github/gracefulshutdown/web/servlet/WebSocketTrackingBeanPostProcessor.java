package io.github.gracefulshutdown.web.servlet;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import io.github.gracefulshutdown.web.RequestWorkload;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.InstantiationAwareBeanPostProcessor;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.handler.ExceptionWebSocketHandlerDecorator;
import org.springframework.web.socket.handler.LoggingWebSocketHandlerDecorator;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;
import org.springframework.web.socket.sockjs.SockJsService;
import org.springframework.web.socket.sockjs.support.SockJsHttpRequestHandler;

/**
 * Puts a {@link TrackedWebSocketHandler} around each {@link WebSocketHandler} that Spring
 * MVC maps to a path. The request handlers in between cannot be changed, so they are
 * replaced before their mapping looks at them. Subclasses are left alone.
 *
 * @author The Graceful Shutdown authors
 */
public final class WebSocketTrackingBeanPostProcessor implements InstantiationAwareBeanPostProcessor {

	private final Supplier<RequestWorkload> workload;

	/**
	 * Create a post-processor.
	 * @param workload where messages are tracked
	 */
	public WebSocketTrackingBeanPostProcessor(Supplier<RequestWorkload> workload) {
		this.workload = workload;
	}

	@Override
	public boolean postProcessAfterInstantiation(Object bean, String beanName) {
		if (bean instanceof SimpleUrlHandlerMapping mapping) {
			Map<String, Object> tracked = new LinkedHashMap<>();
			mapping.getUrlMap().forEach((pattern, handler) -> tracked.put(pattern, track(handler, pattern)));
			mapping.setUrlMap(tracked);
		}
		return true;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return track(bean, null);
	}

	private Object track(Object handler, @Nullable String pattern) {
		if (handler.getClass() == WebSocketHttpRequestHandler.class) {
			WebSocketHttpRequestHandler untracked = (WebSocketHttpRequestHandler) handler;
			WebSocketHttpRequestHandler tracked = new WebSocketHttpRequestHandler(
					track(untracked.getWebSocketHandler(), pattern), untracked.getHandshakeHandler());
			tracked.setHandshakeInterceptors(untracked.getHandshakeInterceptors());
			return tracked;
		}
		if (handler.getClass() == SockJsHttpRequestHandler.class) {
			SockJsHttpRequestHandler untracked = (SockJsHttpRequestHandler) handler;
			return new TrackedSockJsHttpRequestHandler(untracked.getSockJsService(),
					track(untracked.getWebSocketHandler(), pattern));
		}
		return handler;
	}

	private WebSocketHandler track(WebSocketHandler handler, @Nullable String pattern) {
		WebSocketHandler inner = withoutDefaults(handler);
		return (inner instanceof TrackedWebSocketHandler) ? inner
				: new TrackedWebSocketHandler(inner, this.workload, pattern);
	}

	// The request handlers add them again
	private static WebSocketHandler withoutDefaults(WebSocketHandler handler) {
		return (handler instanceof ExceptionWebSocketHandlerDecorator exceptions
				&& exceptions.getDelegate() instanceof LoggingWebSocketHandlerDecorator logging) ? logging.getDelegate()
						: handler;
	}

	/**
	 * The responses by which SockJS replaces a WebSocket session are streams. They are
	 * ended when their session is closed.
	 */
	private static final class TrackedSockJsHttpRequestHandler extends SockJsHttpRequestHandler {

		TrackedSockJsHttpRequestHandler(SockJsService sockJsService, WebSocketHandler webSocketHandler) {
			super(sockJsService, webSocketHandler);
		}

		@Override
		public void handleRequest(HttpServletRequest request, HttpServletResponse response)
				throws ServletException, IOException {
			super.handleRequest(request, response);
			if (request.isAsyncStarted()) {
				TrackedRequest tracked = RequestTrackingFilter.find(request);
				if (tracked != null) {
					tracked.openSession();
				}
			}
		}

	}

}
